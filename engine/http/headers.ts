import { Secret } from '../policy/secret.ts'
import { BadInput } from './bad-input.ts'
import { Bare } from './bare.ts'

/** Names in lower case; no name is inherited. */
export type RequestHeaders = Readonly<Record<string, string | Secret>>

const SECRET_HEADERS = ['authorization', 'cookie', 'proxy-authorization']

/** Two of these could be read one by us and the other by whoever stands before us. */
const SINGLE_HEADERS = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'proxy-authorization',
])

/** Names of headers that arrive as `Secret`. */
export function secretHeaders(confidential: Iterable<string>): ReadonlySet<string> {
  return new Set([...SECRET_HEADERS, ...[...confidential].map((name) => name.toLowerCase())])
}

/** Reads what node:http gives as `rawHeaders`: its own `headers` would drop a second `Authorization` unsaid. */
export function readHeaders(
  raw: readonly string[],
  secrets: ReadonlySet<string>,
): RequestHeaders | BadInput {
  const headers: Record<string, string | Secret> = new Bare()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase()
    const value = raw[index + 1] as string
    const before = headers[name]
    if (before !== undefined && SINGLE_HEADERS.has(name)) {
      return new BadInput(400, 'repeated-header', `the header ${name} is sent more than once`)
    }
    if (secrets.has(name)) headers[name] = new Secret(joined(name, before, value))
    else headers[name] = before === undefined ? value : joined(name, before, value)
  }
  return headers
}

/** RFC 9110 §5.3; cookies have a separator of their own (RFC 6265bis §5.7). */
function joined(name: string, before: string | Secret | undefined, value: string): string {
  if (before === undefined) return value
  const text = before instanceof Secret ? before.reveal() : before
  return `${text}${name === 'cookie' ? '; ' : ', '}${value}`
}
