import { Secret } from '../policy/secret.ts'

export interface BasicCredentials {
  readonly user: string
  readonly password: Secret
}

const SCHEME = /^basic +/i
const TOKEN68 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * The credentials of an `Authorization: Basic` header (RFC 7617 §2), in UTF-8.
 * `undefined` for another scheme, or for what is not base64 of `user:password`.
 */
export function parseBasic(authorization: string): BasicCredentials | undefined {
  const scheme = SCHEME.exec(authorization)
  if (!scheme) return undefined
  const encoded = authorization.slice(scheme[0].length).trimEnd()
  if (!TOKEN68.test(encoded)) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon === -1) return undefined
  return { user: text.slice(0, colon), password: new Secret(text.slice(colon + 1)) }
}
