import type { Fault } from './fault.ts'
import type { Refusal } from './refusal.ts'
import type { Secret } from './secret.ts'

/** A parameter as it came; `Secret` where a filter of the gateway declares its name confidential. */
export type ParameterValue = string | Secret | readonly string[]
export type Parameters = Readonly<Record<string, ParameterValue>>

/** The attribute `request`. Objects in it have no prototype, so no name in it is ever inherited. */
export interface HttpRequest {
  /** Unique in the log. */
  readonly id: string
  readonly method: string
  /** The path as sent, without the query. */
  readonly path: string
  /** Values of the route's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Parameters
  /** Names in lower case. Credentials (`authorization`, `cookie`, …) are secrets. */
  readonly headers: Readonly<Record<string, string | Secret>>
  /** The body's media type in lower case without its parameters; empty when there is no body. */
  readonly contentType: string
  /** Fields of an `application/x-www-form-urlencoded` body; empty for every other. */
  readonly form: Parameters
  /** The value of an `application/json` body. */
  readonly json?: unknown
  /** The peer's address, or what a trusted proxy says it is. */
  readonly address: string
  /** Scheme and authority by which the listener is known outside: `https://auth.example.com`. Never taken from `Host`. */
  readonly origin: string
}

/** The attribute `response`: what the gateway answers with. */
export interface HttpResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The attributes that have a fixed meaning, by name. A package that adds a filter adds to it by
 * declaration merging, so that `message.get` knows the type.
 */
export interface Attributes {
  request: HttpRequest
  response: HttpResponse
  error: Refusal
  fault: Fault
}

export type AttributeValue<Name extends string> = Name extends keyof Attributes
  ? Attributes[Name]
  : unknown

/** What travels through a policy: attributes by name, and a signal that aborts at the time limit. */
export interface Message {
  /** The attribute `request`. */
  readonly request: HttpRequest
  /** Aborts when the policy's time is up. */
  readonly signal: AbortSignal
  get<Name extends string>(name: Name): AttributeValue<Name> | undefined
  /** Like `get`, for an attribute declared in `reads`: lint has proved that it is there. Throws otherwise. */
  need<Name extends string>(name: Name): AttributeValue<Name>
  set<Name extends string>(name: Name, value: AttributeValue<Name>): void
  has(name: string): boolean
  /** The names of all attributes present. */
  names(): IterableIterator<string>
}
