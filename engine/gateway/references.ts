import { pointTo } from '../policy/pointer.ts'
import { asSchema, schemaBelow } from './schema-part.ts'

/** A name in a value that must be the name of something else. */
export interface Reference {
  /** What `refersTo` says: `store`. */
  readonly kind: string
  readonly name: string
  readonly pointer: string
}

/** All names in a value that its schema marks by `refersTo`. */
export function findReferences(value: unknown, schema: unknown, pointer = ''): Reference[] {
  const { refersTo, items } = asSchema(schema)
  if (typeof value === 'string') {
    return refersTo === undefined ? [] : [{ kind: refersTo, name: value, pointer }]
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => findReferences(item, items, pointTo(pointer, index)))
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    findReferences(item, schemaBelow(schema, key), pointTo(pointer, key)),
  )
}
