import { wordsOf } from '../engine/policy/lint/lint-codes.ts'
import type { ObjectSchema, SettingSchema } from '../engine/policy/settings.ts'
import { code, table } from './markdown.ts'

/** The settings of a schema as a table; those within a setting follow it as `tls.key`. */
export function settingsTable(schema: ObjectSchema): string {
  return table(['setting', 'type', 'default', ''], rowsOf(schema, ''))
}

function rowsOf({ properties, required = [] }: ObjectSchema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const byDefault = 'default' in schema ? code(JSON.stringify(schema.default)) : ''
    const must = required.includes(name) ? 'required' : byDefault
    const row = [code(prefix + name), typeOf(schema), must, schema.description ?? '']
    return [row, ...('properties' in schema ? rowsOf(schema, `${prefix}${name}.`) : [])]
  })
}

/** How a setting's type reads in a page: ``\`any\` or \`all\```, `list of string`, `name of a table`. */
export function typeOf(schema: SettingSchema): string {
  if ('$ref' in schema) return 'expression'
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`
  if (schema.type === 'object') {
    return 'properties' in schema ? 'object' : `map of ${typeOf(schema.additionalProperties)}`
  }
  if (schema.type !== 'string') return schema.type
  if (schema.enum) return schema.enum.map(code).join(' or ')
  return schema.refersTo ? `name of a ${wordsOf(schema.refersTo)}` : 'string'
}
