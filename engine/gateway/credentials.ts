import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Secrets of the gateway itself, by name: `admin`. */
export type Credentials = Readonly<Record<string, string>>

/**
 * Gives filters a way to compare with a credential without ever seeing it. What is compared are
 * digests of one length, so that the time tells nothing.
 */
export function credentialChecks(
  credentials: Credentials,
): (name: string) => (presented: string) => boolean {
  const key = randomBytes(32)
  const digest = (text: string) => createHmac('sha256', key).update(text).digest()

  return function credential(name) {
    const secret = Object.hasOwn(credentials, name) ? credentials[name] : undefined
    if (!secret) throw new Error(`the gateway has no credential "${name}"`)
    const expected = digest(secret)
    return (presented) => timingSafeEqual(digest(presented), expected)
  }
}
