import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Parameters } from '../policy/message.ts'
import { reveal } from '../policy/secret.ts'
import { BadInput } from './bad-input.ts'
import type { RequestHeaders } from './headers.ts'
import { guardJson } from './json.ts'
import { adoptParameters, NO_PARAMETERS, parseParameters } from './parameters.ts'

export interface Body {
  /** The media type in lower case without its parameters; empty when there is no body. */
  readonly contentType: string
  readonly form: Parameters
  readonly json?: unknown
}

export interface BodyRules {
  /** Bytes. */
  readonly limit: number
  /** Names whose values arrive as `Secret`. */
  readonly confidential: ReadonlySet<string>
}

/** The client went away before its body had arrived. */
export const ABORTED: unique symbol = Symbol('aborted')

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'
const NO_BODY: Body = Object.freeze({ contentType: '', form: NO_PARAMETERS })

/**
 * Reads a form or a JSON body; of any other only the type is told, and the policy judges. A stream
 * that somebody's body parser has emptied is not waited for: what the parser left is taken over.
 */
export function readBody(
  request: IncomingMessage,
  headers: RequestHeaders,
  rules: BodyRules,
): Body | BadInput | typeof ABORTED | Promise<Body | BadInput | typeof ABORTED> {
  if (!hasBody(headers)) return NO_BODY
  const problem = checkEncoding(headers)
  if (problem) return problem
  const contentType = mediaType(reveal(headers['content-type']) ?? '')
  if (request.readableEnded) return adoptBody(contentType, parsedBody(request), rules)
  if (request.destroyed) return ABORTED
  if (Number(headers['content-length'] ?? 0) > rules.limit) return tooLarge(rules.limit)
  return collectBody(request, contentType, rules)
}

async function collectBody(request: IncomingMessage, contentType: string, rules: BodyRules) {
  const bytes = await collect(request, rules.limit)
  return Buffer.isBuffer(bytes) ? parseBody(contentType, bytes, rules.confidential) : bytes
}

function hasBody(headers: RequestHeaders): boolean {
  const length = headers['content-length']
  return length === undefined ? headers['transfer-encoding'] !== undefined : Number(length) > 0
}

function checkEncoding(headers: RequestHeaders): BadInput | undefined {
  const contentEncoding = reveal(headers['content-encoding'])
  const contentType = reveal(headers['content-type'])
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    return new BadInput(415, 'content-encoding', 'a compressed body is not accepted', {
      'accept-encoding': 'identity',
    })
  }
  const charset = contentType && /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType)?.[1]
  if (charset && charset.toLowerCase() !== 'utf-8' && charset.toLowerCase() !== 'utf8') {
    return new BadInput(415, 'charset', 'the body must be UTF-8')
  }
  return undefined
}

function mediaType(header: string): string {
  const end = header.indexOf(';')
  return (end === -1 ? header : header.slice(0, end)).trim().toLowerCase()
}

function collect(
  request: IncomingMessage,
  limit: number,
): Promise<Buffer | BadInput | typeof ABORTED> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer | string) => {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      size += bytes.length
      // From here on the stream runs dry without being kept, until the answer closes the connection.
      if (size > limit) resolve(tooLarge(limit))
      else chunks.push(bytes)
    })
    request.on('end', () => resolve(join(chunks)))
    // What goes wrong before the end closes the request, too.
    request.on('close', () => resolve(ABORTED))
  })
}

/** Most bodies come in one piece, which needs no copy. */
function join(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks
  return first && chunks.length === 1 ? first : Buffer.concat(chunks)
}

function parseBody(
  contentType: string,
  bytes: Buffer,
  confidential: ReadonlySet<string>,
): Body | BadInput {
  if (contentType !== FORM && contentType !== JSON_TYPE) return { contentType, form: NO_PARAMETERS }
  if (!isUtf8(bytes)) return new BadInput(400, 'malformed-body', 'the body is not valid UTF-8')
  const text = bytes.toString('utf8')
  return contentType === FORM ? parseForm(text, confidential) : parseJson(text, confidential)
}

function parseForm(text: string, confidential: ReadonlySet<string>): Body | BadInput {
  const form = parseParameters(text, confidential)
  return form instanceof BadInput ? form : { contentType: FORM, form }
}

function parseJson(text: string, confidential: ReadonlySet<string>): Body | BadInput {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return new BadInput(400, 'malformed-body', 'the body is not valid JSON')
  }
  return adoptJson(value, confidential)
}

function adoptJson(value: unknown, confidential: ReadonlySet<string>): Body | BadInput {
  const json = guardJson(value, confidential)
  return json instanceof BadInput ? json : { contentType: JSON_TYPE, form: NO_PARAMETERS, json }
}

function parsedBody(request: IncomingMessage): unknown {
  return 'body' in request ? request.body : undefined
}

function adoptBody(contentType: string, body: unknown, rules: BodyRules): Body | BadInput {
  if (typeof body === 'string') return parseBody(contentType, Buffer.from(body), rules.confidential)
  if (Buffer.isBuffer(body)) return parseBody(contentType, body, rules.confidential)
  if (contentType === JSON_TYPE && body !== undefined) return adoptJson(body, rules.confidential)
  if (contentType !== FORM || typeof body !== 'object' || body === null) {
    return { contentType, form: NO_PARAMETERS }
  }
  const form = adoptParameters(body, rules.confidential)
  return form instanceof BadInput ? form : { contentType, form }
}

function tooLarge(limit: number): BadInput {
  return new BadInput(413, 'too-large', `the body is larger than ${limit} bytes`, {
    connection: 'close',
  })
}
