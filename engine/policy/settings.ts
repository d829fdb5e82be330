/**
 * What a filter's `config` may look like: the part of JSON Schema from which a TypeScript type can
 * be derived without asking the reader to wait for the compiler.
 */
interface Described {
  readonly description?: string
}

export interface StringSchema extends Described {
  readonly type: 'string'
  readonly enum?: readonly string[]
  readonly default?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  /** The setting is the name of such a thing in `gateway.json`, or of a policy; lint looks it up. */
  readonly refersTo?: string
}

export interface NumberSchema extends Described {
  readonly type: 'integer' | 'number'
  readonly default?: number
  readonly minimum?: number
  readonly maximum?: number
}

export interface BooleanSchema extends Described {
  readonly type: 'boolean'
  readonly default?: boolean
}

export interface ArraySchema extends Described {
  readonly type: 'array'
  readonly items: SettingSchema
  readonly default?: readonly unknown[]
  readonly minItems?: number
  readonly uniqueItems?: boolean
}

export interface MapSchema extends Described {
  readonly type: 'object'
  readonly additionalProperties: SettingSchema
  readonly default?: Readonly<Record<string, unknown>>
}

/** A JSON Logic rule; lint walks it. */
export interface ExpressionSchema extends Described {
  readonly $ref: 'expression'
  readonly default?: unknown
}

export interface ObjectSchema extends Described {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, SettingSchema>>
  readonly required?: readonly string[]
  readonly minProperties?: number
  readonly additionalProperties: false
}

export type SettingSchema =
  | StringSchema
  | NumberSchema
  | BooleanSchema
  | ArraySchema
  | MapSchema
  | ExpressionSchema
  | ObjectSchema

/** A JSON Logic rule as it stands in a policy: JSON, checked by lint, run by the expression door. */
export type Expression = unknown

type Given<S, Key> = S extends { readonly default: unknown }
  ? true
  : Key extends string
    ? false
    : never

type RequiredKeys<S extends ObjectSchema> = {
  [Key in keyof S['properties']]: Given<S['properties'][Key], Key> extends true
    ? Key
    : S extends { readonly required: readonly (infer R)[] }
      ? Key extends R
        ? Key
        : never
      : never
}[keyof S['properties']]

type Simplify<T> = { [Key in keyof T]: T[Key] }

/** The TypeScript type of a setting. What has a `default` is always there. */
export type Infer<S> = S extends { readonly $ref: 'expression' }
  ? Expression
  : S extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : S extends { readonly type: 'string' }
      ? string
      : S extends { readonly type: 'integer' | 'number' }
        ? number
        : S extends { readonly type: 'boolean' }
          ? boolean
          : S extends { readonly type: 'array'; readonly items: infer Item }
            ? readonly Infer<Item>[]
            : S extends ObjectSchema
              ? Simplify<
                  {
                    readonly [Key in RequiredKeys<S>]: Infer<S['properties'][Key]>
                  } & {
                    readonly [Key in Exclude<keyof S['properties'], RequiredKeys<S>>]?: Infer<
                      S['properties'][Key]
                    >
                  }
                >
              : S extends { readonly additionalProperties: infer Value }
                ? Readonly<Record<string, Infer<Value>>>
                : never
