import { Unavailable } from '../fault.ts'
import type { HttpResponse } from '../message.ts'

/**
 * What the engine answers where a policy has no answer: 503 while something did not answer, since it
 * may be done by then, else 500. It says nothing about the cause.
 */
export function answerForFault(cause: unknown): HttpResponse {
  if (!(cause instanceof Unavailable)) return plainText(500, 'server_error', {})
  const seconds = Math.max(1, Math.ceil(cause.retryAfter))
  return plainText(503, 'temporarily_unavailable', { 'retry-after': String(seconds) })
}

/** Whether a filter wrote what the gateway can send. */
export function isResponse(value: unknown): value is HttpResponse {
  if (typeof value !== 'object' || value === null) return false
  const { status, headers, body } = value as Partial<Record<keyof HttpResponse, unknown>>
  return (
    typeof status === 'number' &&
    Number.isInteger(status) &&
    status >= 200 &&
    status <= 599 &&
    typeof body === 'string' &&
    typeof headers === 'object' &&
    headers !== null
  )
}

function plainText(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): HttpResponse {
  const always = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  return { status, headers: { ...always, ...headers }, body }
}
