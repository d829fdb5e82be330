import type { Filter } from '../engine/index.ts'
import type { SettingSchema } from '../engine/policy/settings.ts'

/** docs/filters.md: everything in it comes from the definitions. */
export function filtersPage(filters: readonly Filter[]): string {
  const pages = filters.flatMap((filter, index) => {
    const startsRoom = roomOf(filter) !== roomOf(filters[index - 1])
    return [...(startsRoom ? [`## ${roomOf(filter)}`] : []), describeFilter(filter)]
  })
  return [
    '<!-- Generated from filters/ by `npm run generate`: do not edit. -->',
    '# Filters',
    'Every filter, with its settings, exits and attributes. `x?` marks an attribute that may be missing.',
    ...pages,
    '',
  ].join('\n\n')
}

const roomOf = (filter: Filter | undefined) => filter?.name.split('/')[0]

function describeFilter(filter: Filter): string {
  const { name, summary, config, outcomes, example } = filter
  const node = { filter: name, ...(Object.keys(example).length > 0 && { config: example }) }
  return [
    `### ${name}`,
    summary,
    settingsTable(config.properties, config.required ?? []),
    attributes(filter),
    outcomes === 'open'
      ? 'Exits: the keys of `on`; `*` is obligatory.'
      : `Exits: ${outcomes.map((outcome) => `\`${outcome}\``).join(', ')}.`,
    ['```json', JSON.stringify(node), '```'].join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n')
}

function attributes({ reads, writes, example }: Filter): string {
  const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ')
  const read = reads(example)
  const written = Object.entries(writes(example)).filter(([, names]) => names?.length)
  return [
    read.length > 0 ? `Reads ${list(read)}.` : '',
    ...written.map(([outcome, names]) => `Writes on \`${outcome}\`: ${list(names ?? [])}.`),
  ]
    .filter(Boolean)
    .join(' ')
}

function settingsTable(
  properties: Readonly<Record<string, SettingSchema>>,
  required: readonly string[],
): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const byDefault = 'default' in schema ? `\`${JSON.stringify(schema.default)}\`` : ''
    const must = required.includes(name) ? 'required' : byDefault
    return `| \`${name}\` | ${typeOf(schema)} | ${must} | ${schema.description ?? ''} |`
  })
  if (rows.length === 0) return ''
  return ['| setting | type | default | |', '|---|---|---|---|', ...rows].join('\n')
}

/** How a setting's type reads in the page: ``\`any\` or \`all\```, `list of string`, `table name`. */
function typeOf(schema: SettingSchema): string {
  if ('$ref' in schema) return 'expression'
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`
  if (schema.type === 'object') {
    return 'properties' in schema ? 'object' : `map of ${typeOf(schema.additionalProperties)}`
  }
  if (schema.type !== 'string') return schema.type
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' or ')
  return schema.refersTo ? `name of a ${schema.refersTo}` : 'string'
}
