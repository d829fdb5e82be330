import { pointTo } from '../policy/pointer.ts'

/** A name in a value that must be the name of something else. */
export interface Reference {
  /** What `refersTo` says: `store`. */
  readonly kind: string
  readonly name: string
  readonly pointer: string
}

interface AnySchema {
  readonly refersTo?: string
  readonly items?: unknown
  readonly properties?: Readonly<Record<string, unknown>>
  readonly additionalProperties?: unknown
}

/** All names in a value that its schema marks by `refersTo`. */
export function findReferences(value: unknown, schema: unknown, pointer = ''): Reference[] {
  const { refersTo, items, properties = {}, additionalProperties } = asSchema(schema)
  if (typeof value === 'string') {
    return refersTo === undefined ? [] : [{ kind: refersTo, name: value, pointer }]
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => findReferences(item, items, pointTo(pointer, index)))
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => {
    const below = Object.hasOwn(properties, key) ? properties[key] : additionalProperties
    return findReferences(item, below, pointTo(pointer, key))
  })
}

function asSchema(schema: unknown): AnySchema {
  return typeof schema === 'object' && schema !== null ? schema : {}
}
