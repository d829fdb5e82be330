import type { IncomingMessage } from 'node:http'
import type { HttpRequest } from '../policy/message.ts'
import { reveal } from '../policy/secret.ts'
import { addressReader } from './address.ts'
import { BadInput } from './bad-input.ts'
import { ABORTED, type Body, type BodyRules, readBody } from './body.ts'
import { readHeaders, secretHeaders } from './headers.ts'
import { parseParameters } from './parameters.ts'

/** Headers of a confidential name arrive as `Secret`, too. */
export interface RequestRules extends BodyRules {
  /** Addresses or networks that `X-Forwarded-For` is believed from. */
  readonly trustedProxies: readonly string[]
  /** Scheme and authority by which the listener is known outside. */
  readonly origin: string
}

/** The request target without scheme and authority, which are nobody's word for where it goes. */
export interface Target {
  readonly path: string
  readonly query: string
}

export type RequestReader = (
  request: IncomingMessage,
  target: Target,
  params: HttpRequest['params'],
  id: string,
) => Promise<HttpRequest | BadInput | typeof ABORTED>

export function splitTarget(url: string): Target {
  const local = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, '')
  const mark = local.indexOf('?')
  return mark === -1
    ? { path: local, query: '' }
    : { path: local.slice(0, mark), query: local.slice(mark + 1) }
}

/** Makes the attribute `request` out of what node:http received. */
export function requestReader(rules: RequestRules): RequestReader {
  const { origin } = rules
  const secrets = secretHeaders(rules.confidential)
  const readAddress = addressReader(rules.trustedProxies)

  return async function readRequest(request, { path, query: queryText }, params, id) {
    if (/[^!-~]/.test(path) || /[^!-~]/.test(queryText)) {
      return new BadInput(400, 'malformed-path', 'the path must be percent-encoded')
    }
    const query = parseParameters(queryText, rules)
    if (query instanceof BadInput) return query
    const headers = readHeaders(request.rawHeaders, secrets)
    if (headers instanceof BadInput) return headers
    const body = await readBody(request, headers, rules)
    if (body === ABORTED || body instanceof BadInput) return body
    const peer = request.socket.remoteAddress ?? ''
    return {
      id,
      method: request.method ?? '',
      path,
      params,
      query,
      headers,
      address: readAddress(peer, reveal(headers['x-forwarded-for'])),
      origin,
      ...(body as Body),
    }
  }
}
