import { gatewaySchema } from '../engine/gateway/schema.ts'
import type { ObjectSchema, SettingSchema } from '../engine/policy/settings.ts'
import { oauthExtension } from '../oauth/index.ts'
import { ENVIRONMENT } from './environment.ts'
import { code, generatedNotice, page, table } from './markdown.ts'
import { settingsTable, typeOf } from './settings-table.ts'

const PATHS = `A path is relative to the file; one that comes from the environment is relative to the working directory. \`\${env.NAME}\` stands for an
environment variable, in any text; where it is the whole text it may become a number or a boolean. A variable that is not set stops the start.`

/** docs/configuration.md: the settings of `gateway.json`, and the environment. */
export function configurationPage(adapters: readonly ObjectSchema[]): string {
  const { properties, required } = gatewaySchema([oauthExtension])
  const entries = Object.entries(properties as Readonly<Record<string, SettingSchema>>)
  const isSection = ([, schema]: [string, SettingSchema]) => entryOf(schema) !== undefined
  return page(
    generatedNotice('engine/gateway/schema.ts, the adapters and scripts/environment.ts'),
    '# Configuration',
    'Nothing is guessed: an unknown setting, a missing one, or one of the wrong type stops the start, with its line and what to do.',
    '## gateway.json',
    PATHS,
    table(
      ['setting', 'type', '', ''],
      entries.map(([name, schema]) => [
        isSection([name, schema]) ? `[${code(name)}](#${name.toLowerCase()})` : code(name),
        describeType(schema),
        (required as readonly string[]).includes(name) ? 'required' : '',
        schema.description ?? '',
      ]),
    ),
    ...entries
      .filter(isSection)
      .flatMap(([name, schema]) => describeSection(name, schema, adapters)),
    '## The environment',
    table(
      ['variable', 'default', ''],
      ENVIRONMENT.map(({ name, byDefault, description }) => [
        code(name),
        byDefault === undefined ? '' : code(byDefault),
        description,
      ]),
    ),
    'A variable that is set to nothing counts as not set.',
  )
}

function describeType(schema: SettingSchema): string {
  if ('additionalProperties' in schema && schema.additionalProperties) return 'map of objects'
  return typeOf(schema)
}

function describeSection(
  name: string,
  schema: SettingSchema,
  adapters: readonly ObjectSchema[],
): readonly string[] {
  const heading = [`### ${name}`, schema.description ?? '']
  if (name !== 'stores') return [...heading, settingsTable(entryOf(schema) as ObjectSchema)]
  return [...heading, ...adapters.map(settingsTable)]
}

/** The schema of what a section holds, or is. */
function entryOf(schema: SettingSchema): object | undefined {
  if (!('type' in schema)) return undefined
  if (schema.type === 'array') return 'properties' in schema.items ? schema.items : undefined
  if (schema.type !== 'object') return undefined
  return 'properties' in schema ? schema : schema.additionalProperties
}
