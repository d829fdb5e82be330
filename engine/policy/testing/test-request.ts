import { BadInput } from '../../http/bad-input.ts'
import { readHeaders, secretHeaders } from '../../http/headers.ts'
import { guardJson } from '../../http/json.ts'
import { type ParameterRules, parseParameters } from '../../http/parameters.ts'
import type { HttpRequest, Parameters } from '../message.ts'

type Fields = Readonly<Record<string, string | readonly string[]>>

/** A request as a policy test or the command `trace` writes it. */
export interface RequestSpec {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Values of the route's parameters. */
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Fields
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Fields
  readonly json?: unknown
  /** `user:password`, for a header `Authorization: Basic`. */
  readonly basic?: string
  /** `127.0.0.1` by default. */
  readonly address?: string
  /** `http://127.0.0.1` by default. */
  readonly origin?: string
}

/**
 * Makes the attribute `request`, by the same rules by which a listener makes it.
 *
 * @throws Error for a request that a listener would answer by itself
 */
export function buildRequest(spec: RequestSpec, rules: ParameterRules): HttpRequest {
  const { confidential } = rules
  const raw = rawHeaders(spec)
  return {
    id: 'test',
    method: spec.method,
    path: spec.path,
    params: Object.assign(Object.create(null), spec.params),
    query: toParameters(spec.query, rules),
    headers: accepted(readHeaders(Object.entries(raw).flat(), secretHeaders(confidential))),
    contentType: raw['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '',
    form: toParameters(spec.form, rules),
    ...('json' in spec && { json: accepted(guardJson(spec.json, confidential)) }),
    address: spec.address ?? '127.0.0.1',
    origin: spec.origin ?? 'http://127.0.0.1',
  }
}

function rawHeaders({ headers = {}, form, basic, ...spec }: RequestSpec): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return {
    ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...('json' in spec && { 'content-type': 'application/json' }),
    ...(basic !== undefined && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
    ...Object.fromEntries(given),
  }
}

function toParameters(fields: Fields | undefined, rules: ParameterRules): Parameters {
  const pairs = Object.entries(fields ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value] as [string, string]),
  )
  return accepted(parseParameters(new URLSearchParams(pairs).toString(), rules))
}

function accepted<Value>(value: Value | BadInput): Value {
  if (!(value instanceof BadInput)) return value
  throw new Error(
    `a listener answers such a request by itself with ${value.status}: ${value.description}`,
  )
}
