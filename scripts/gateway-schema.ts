import { gatewaySchema } from '../engine/gateway/schema.ts'
import type { ObjectSchema } from '../engine/policy/settings.ts'
import { oauthExtension } from '../oauth/index.ts'

const VARIABLE = '^\\$\\{env\\.[A-Za-z_][A-Za-z0-9_]*\\}$'

/** The JSON Schema (draft-07) of `gateway.json` for editors, stores by their adapters. */
export function gatewaySchemaForEditors(adapters: readonly ObjectSchema[]): object {
  const schema = gatewaySchema([oauthExtension])
  const { stores } = schema.properties
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sallyport gateway',
    ...(forEditors({
      ...schema,
      properties: {
        ...schema.properties,
        stores: { ...stores, additionalProperties: { anyOf: adapters } },
      },
    }) as object),
  }
}

/** Without our own keyword, and with what the gateway admits besides: a variable for any value, one method for a list. */
function forEditors(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(forEditors)
  if (typeof schema !== 'object' || schema === null) return schema
  const { refersTo: _ours, ...rest } = schema as Record<string, unknown>
  if (isNarrow(rest)) return admitVariable(rest)
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === 'method'
        ? admitOne(forEditors(value))
        : key === 'default'
          ? value
          : forEditors(value),
    ]),
  )
}

function isNarrow({ type, pattern, enum: values }: Record<string, unknown>): boolean {
  if (type === 'string') return pattern !== undefined || values !== undefined
  return type === 'integer' || type === 'number' || type === 'boolean'
}

function admitVariable({ description, default: byDefault, ...rest }: Record<string, unknown>) {
  return {
    ...(description !== undefined && { description }),
    ...(byDefault !== undefined && { default: byDefault }),
    anyOf: [rest, { type: 'string', pattern: VARIABLE }],
  }
}

function admitOne(list: unknown): object {
  const { description, ...rest } = list as Record<string, unknown>
  return { description, anyOf: [rest.items, rest] }
}
