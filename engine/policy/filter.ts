import type { Health } from '../stores/contract.ts'
import type { Store } from '../stores/store.ts'
import type { StoreLock } from '../stores/store-lock.ts'
import type { Message } from './message.ts'
import type { Refusal } from './refusal.ts'
import type { Infer, ObjectSchema } from './settings.ts'

/** Structured log of the gateway; the shape of pino's. */
export interface Logger {
  debug(fields: object, text?: string): void
  info(fields: object, text?: string): void
  warn(fields: object, text?: string): void
  error(fields: object, text?: string): void
}

/** Runs another policy on the same message. */
export type SubPolicy = (message: Message) => Promise<'success' | 'failure'>

/**
 * What a filter may use, handed to `create`. A package that brings a service of its own adds it here
 * by declaration merging.
 */
export interface Services {
  readonly log: Logger
  /** Milliseconds since the epoch. Tests freeze it. */
  now(): number
  /** Another policy by its name. */
  policy(name: string): SubPolicy
  /** Compares, in constant time, what somebody presents with that credential of the gateway (`admin`). */
  credential(name: string): (presented: string) => boolean
  /** All open collections of all stores, for those who look after them. */
  collections(): readonly Store[]
  /** The stores that they are in. */
  stores(): readonly KeptStore[]
}

/** A store of `gateway.json`, for those who look after it. */
export interface KeptStore {
  readonly name: string
  readonly lock: StoreLock
  health(): Promise<Health>
}

/** How a filter ends: an outcome by name, or a refusal where `failure` is an outcome. A throw is a surprise. */
export type Ending<Outcome extends string> = Outcome | ('failure' extends Outcome ? Refusal : never)

/** The work of a filter for one message; it may answer synchronously. */
export type Step<Outcome extends string = string> = (
  message: Message,
) => Ending<Outcome> | Promise<Ending<Outcome>>

/** No settings at all: what a filter without `config` accepts. */
export interface NoSettings {
  readonly type: 'object'
  readonly properties: Readonly<Record<never, never>>
  readonly additionalProperties: false
}

/** Attribute names; `'x?'` marks one that may be missing. */
export type AttributeList = readonly string[]

type OutcomeOf<Outcomes> = Outcomes extends readonly string[] ? Outcomes[number] : string

export interface FilterDefinition<
  Config extends ObjectSchema = ObjectSchema,
  Outcomes extends readonly string[] | 'open' = readonly string[] | 'open',
> {
  /** `room/verb-noun`, which is also the path of its file. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** Literal JSON Schema, the only statement of the settings. */
  readonly config?: Config
  /** The exits; `'open'` takes them from the keys of the node's `on`, where `*` is then obligatory. */
  readonly outcomes: Outcomes
  /** Attributes that must be there; `'x?'` is read if it is there. */
  readonly reads?: AttributeList | ((config: Infer<Config>) => AttributeList)
  /** Attributes written, by outcome; `'x?'` is written perhaps. A refusal writes `error` by itself. */
  readonly writes?:
    | Readonly<Partial<Record<OutcomeOf<Outcomes>, AttributeList>>>
    | ((config: Infer<Config>) => Readonly<Partial<Record<OutcomeOf<Outcomes>, AttributeList>>>)
  /** Names of request parameters that carry a secret: they enter every message as `Secret`. */
  readonly confidential?: readonly string[] | ((config: Infer<Config>) => readonly string[])
  /** Settings that pass the schema; shown in the reference and checked at start. */
  readonly example?: Readonly<Record<string, unknown>>
  /** Once per node, when the policy is loaded. What it throws stops the start. */
  create(config: Infer<Config>, services: Services): Step<NoInfer<OutcomeOf<Outcomes>>>
}

/** A filter as the engine holds it: settings are judged by ajv, no longer by the compiler. */
export interface Filter {
  readonly name: string
  readonly summary: string
  readonly config: ObjectSchema
  readonly outcomes: readonly string[] | 'open'
  readonly reads: (config: unknown) => AttributeList
  readonly writes: (config: unknown) => Readonly<Record<string, AttributeList | undefined>>
  readonly confidential: (config: unknown) => readonly string[]
  readonly example: Readonly<Record<string, unknown>>
  readonly create: (config: unknown, services: Services) => Step
}

const noSettings: NoSettings = { type: 'object', properties: {}, additionalProperties: false }

/**
 * Defines a filter. The definition is its documentation: validation, types, the reference page and
 * editor completion derive from it.
 *
 * @example
 * export default defineFilter({
 *   name: 'demo/greet',
 *   summary: 'Greets whoever asks.',
 *   config: {
 *     type: 'object',
 *     properties: { whom: { type: 'string', default: 'world', description: 'Whom to greet.' } },
 *     additionalProperties: false,
 *   },
 *   outcomes: ['success'],
 *   writes: { success: ['greeting'] },
 *   create({ whom }) {
 *     return function greet(message) {
 *       message.set('greeting', `Hello, ${whom}`)
 *       return 'success'
 *     }
 *   },
 * })
 */
export function defineFilter<
  const Config extends ObjectSchema = NoSettings,
  const Outcomes extends readonly string[] | 'open' = readonly string[],
>(definition: FilterDefinition<Config, Outcomes>): Filter {
  const { reads, writes, confidential } = definition
  const settings = (config: unknown) => config as Infer<Config>
  return Object.freeze({
    name: definition.name,
    summary: definition.summary,
    config: definition.config ?? noSettings,
    outcomes: definition.outcomes,
    reads: (config) => (typeof reads === 'function' ? reads(settings(config)) : (reads ?? [])),
    writes: (config) => (typeof writes === 'function' ? writes(settings(config)) : (writes ?? {})),
    confidential: (config) =>
      typeof confidential === 'function' ? confidential(settings(config)) : (confidential ?? []),
    example: definition.example ?? {},
    // The definition has been checked against its own outcomes; from here on they are data.
    create: (config, services) => definition.create(settings(config), services) as unknown as Step,
  } satisfies Filter)
}
