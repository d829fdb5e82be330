/** As much of a JSON Schema as one needs to go down a value and its schema side by side. */
export interface SchemaPart {
  readonly type?: string
  /** Our own: the value is the name of such a thing. */
  readonly refersTo?: string
  readonly items?: unknown
  readonly properties?: Readonly<Record<string, unknown>>
  readonly additionalProperties?: unknown
}

export function asSchema(schema: unknown): SchemaPart {
  return typeof schema === 'object' && schema !== null ? schema : {}
}

/** The schema of what stands under a key of an object. */
export function schemaBelow(schema: unknown, key: string): unknown {
  const { properties = {}, additionalProperties } = asSchema(schema)
  return Object.hasOwn(properties, key) ? properties[key] : additionalProperties
}
