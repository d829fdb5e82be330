import { timingSafeEqual } from 'node:crypto'
import type { KeyRing } from '../engine/gateway/extension.ts'
import { randomId } from './digest.ts'
import type { Client, SecretVerifier } from './records.ts'

/** So many secrets may be valid at once; every check compares as often, whatever the client has. */
export const MOST_SECRETS = 5

const PURPOSE = 'client secret'
const DIGEST_BYTES = 32
const LONGEST_SECRET = 1000
const NOTHING = Buffer.alloc(DIGEST_BYTES)
// Used again for each comparison: making one costs more than the comparison itself.
const kept = Buffer.alloc(DIGEST_BYTES)

/** Makes what is kept of a secret; `until`: milliseconds since the epoch, absent: no end. */
export function makeVerifier(
  secret: { readonly clientId: string; readonly text: string; readonly until?: number | undefined },
  ring: KeyRing,
  now: number,
): SecretVerifier {
  const hmac = digestSecret(ring, ring.current, secret.clientId, secret.text)
  if (hmac === undefined) {
    throw new Error(`the key ring has no key "${ring.current}", though it calls it the current one`)
  }
  return {
    id: randomId(),
    key: ring.current,
    hmac: hmac.toString('base64url'),
    created: now,
    ...(secret.until === undefined ? {} : { expires: secret.until }),
  }
}

/**
 * True if the client has that secret now. It takes as long for an unknown client (which is asked for
 * by its id, with no secrets) as for a wrong secret: one HMAC and always the same number of
 * comparisons. Only a client whose secrets were made under an older key of the ring costs one HMAC
 * more for each such key.
 */
export function verifySecret(
  { clientId, secrets }: Pick<Client, 'clientId' | 'secrets'>,
  presented: string,
  ring: KeyRing,
  now: number,
): boolean {
  const overlong = presented.length > LONGEST_SECRET
  const text = overlong ? '' : presented
  const digests = new Map([[ring.current, digestSecret(ring, ring.current, clientId, text)]])
  let fits = false
  for (let slot = 0; slot < MOST_SECRETS; slot += 1) {
    const verifier = secrets[slot]
    const key = verifier?.key ?? ring.current
    if (!digests.has(key)) digests.set(key, digestSecret(ring, key, clientId, text))
    const digest = digests.get(key)
    const equal = compare(verifier?.hmac, digest)
    const valid = verifier !== undefined && digest !== undefined && isValid(verifier, now)
    fits = (equal && valid) || fits
  }
  return fits && !overlong
}

export function isValid(verifier: SecretVerifier, now: number): boolean {
  return verifier.expires === undefined || now < verifier.expires
}

function compare(hmac: string | undefined, digest: Buffer = NOTHING): boolean {
  // Anything but 32 bytes is no verifier of ours; it is compared all the same, and fits nothing.
  const written = kept.fill(0).write(hmac ?? '', 'base64url')
  return timingSafeEqual(kept, digest) && written === DIGEST_BYTES
}

// The client's name is bound in, so that a verifier copied to another client fits nothing there.
function digestSecret(
  ring: KeyRing,
  key: string,
  clientId: string,
  secret: string,
): Buffer | undefined {
  return ring.hmac(key, PURPOSE, JSON.stringify([clientId, secret]))
}
