import type { ServerResponse } from 'node:http'
import { answerForFault } from '../policy/answer.ts'
import type { HttpResponse } from '../policy/message.ts'
import type { BadInput } from './bad-input.ts'
import { printable } from './printable.ts'
import { isFraming } from './response-headers.ts'

/** What stands on every answer, whatever the policy says. */
export interface Stamp {
  readonly requestId: string
  /** Ask the client to connect anew: the gateway is about to stop. */
  readonly close: boolean
}

/** The answer to what no policy has seen. */
export function answerBadInput({ status, description, headers }: BadInput): HttpResponse {
  return answerJson(status, 'invalid_request', description, headers)
}

export function answerJson(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ error, error_description: printable(description) }),
  }
}

/**
 * Sends an answer. One that HTTP cannot carry, such as a header with a line break, becomes a 500.
 *
 * @returns the status that was sent and what was wrong with the answer; no status: nobody is there any more
 */
export function send(
  response: ServerResponse,
  answer: HttpResponse,
  stamp: Stamp,
): { readonly status?: number; readonly problem?: unknown } {
  if (response.destroyed || response.headersSent) return {}
  try {
    write(response, answer, stamp)
    return { status: answer.status }
  } catch (problem) {
    if (response.headersSent) return { problem }
    const instead = answerForFault(problem)
    write(response, instead, stamp)
    return { status: instead.status, problem }
  }
}

function write(response: ServerResponse, { status, headers, body }: HttpResponse, stamp: Stamp) {
  // A flat list is what node:http takes fastest.
  const list: (string | number)[] = []
  let { close } = stamp
  for (const name in headers) {
    const value = headers[name] as string
    if (!isFraming(name)) list.push(name, value)
    // The one thing of this kind that an answer may ask for.
    else if (value === 'close') close = true
  }
  if (status !== 204 && status !== 304) list.push('content-length', Buffer.byteLength(body))
  if (close) list.push('connection', 'close')
  list.push('x-content-type-options', 'nosniff', 'x-request-id', stamp.requestId)
  response.writeHead(status, list)
  // node:http leaves the body out by itself where the answer has none: HEAD, 204, 304.
  response.end(body)
}
