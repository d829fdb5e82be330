import { createHash, timingSafeEqual } from 'node:crypto'
import { Secret } from '../engine/policy/secret.ts'
import { KEEP } from '../engine/stores/contract.ts'
import type { Store } from '../engine/stores/store.ts'
import { hashToken, isOverlong, randomToken, TOKEN_LENGTHS } from './digest.ts'
import type { Families } from './families.ts'
import type { Authorization, ClientDetails, Code } from './records.ts'

/** So many verifiers may be wrong; then the code is dead. */
const MOST_FAILURES = 5
/** RFC 7636 §4.1 */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/

export interface CodeRequest
  extends Pick<Code, 'redirectUri' | 'challenge' | 'audience' | 'metadata'> {
  readonly client: ClientDetails
  readonly authorization: Authorization
  readonly scopes: readonly string[]
  /** Seconds, at least 1; RFC 6749 §4.1.2 recommends at most 600. */
  readonly lifetime: number
  /** Characters, 22 to 1000; by default 30. */
  readonly length?: number | undefined
}

/** What comes with a code to the token endpoint. */
export interface PresentedCode {
  /** Authenticated, or a public client that identified itself. */
  readonly client: ClientDetails
  readonly redirectUri?: string | undefined
  readonly verifier?: string | undefined
  /** The family that the code shall buy, drawn by the caller. */
  readonly family: string
}

export type CodeOutcome =
  | 'redeemed'
  | 'replay'
  | 'unknown'
  | 'expired'
  | 'wrong-client'
  | 'wrong-redirect-uri'
  | 'wrong-verifier'
  | 'verifier-missing'
  | 'verifier-unexpected'
  | 'too-many-failures'

export interface Codes {
  /** Throws for a public client without a challenge (RFC 9700 §2.1.1). */
  issue(request: CodeRequest): Promise<{ readonly code: Secret; readonly record: Code }>
  /**
   * Checks the code and marks it used in one step; exactly one caller hears `redeemed`. A valid
   * `replay` ends the family that the code bought; anything else changes nothing, but that a wrong
   * verifier is counted.
   */
  redeem(
    text: string,
    presented: PresentedCode,
  ): Promise<{ readonly outcome: CodeOutcome; readonly code?: Code }>
}

/**
 * How a replay ends what the code bought, even while it is being bought: the family's id is drawn
 * before the code is redeemed, and the update that marks the code as used writes it down. Only
 * after that update does the redeemer create the family. So a replay that comes in between already
 * knows the id; it ends the family by writing its record as revoked, which makes the redeemer's
 * create-if-absent fail. One that comes later finds the record and revokes it. Tokens hang on the
 * family, so in either order they are dead. Whatever a code buys therefore has a family, also where
 * there is no refresh token.
 */
export function codes(
  store: Store<Code>,
  { families, now }: { families: Families; now(): number },
): Codes {
  async function issue(request: CodeRequest) {
    const text = randomToken(request.length ?? TOKEN_LENGTHS.code)
    const record = makeCode(request, now())
    await store.set(hashToken(text), record)
    return { code: new Secret(text), record }
  }

  async function redeem(text: string, presented: PresentedCode) {
    if (isOverlong(text)) return { outcome: 'unknown' as const }
    const time = now()
    const { before } = await store.update(hashToken(text), (code) => {
      const outcome = judge(code, presented, time)
      if (code === undefined || code.state === 'used') return KEEP
      if (outcome === 'wrong-verifier') return { ...code, failures: code.failures + 1 }
      return outcome === 'redeemed' ? { ...code, state: 'used', family: presented.family } : KEEP
    })
    const outcome = judge(before, presented, time)
    if (before === undefined) return { outcome }
    if (outcome === 'replay' && before.family !== undefined) {
      await families.end(before.family, before.client)
    }
    return { outcome, code: before }
  }

  return { issue, redeem }
}

// The state comes last: only who could have redeemed the code can replay it.
function judge(code: Code | undefined, presented: PresentedCode, now: number): CodeOutcome {
  const { client, redirectUri, verifier } = presented
  if (code === undefined) return 'unknown'
  if (code.expires <= now) return 'expired'
  if (code.client !== client.clientId || code.clientEpoch !== client.epoch) return 'wrong-client'
  if (code.redirectUri !== redirectUri) return 'wrong-redirect-uri'
  if (code.failures >= MOST_FAILURES) return 'too-many-failures'
  // RFC 9700 §4.8.2: a verifier for a code without challenge tells of a downgrade.
  if (code.challenge === undefined && verifier !== undefined) return 'verifier-unexpected'
  if (code.challenge !== undefined && verifier === undefined) return 'verifier-missing'
  if (code.challenge !== undefined && !isVerified(code.challenge, verifier ?? '')) {
    return 'wrong-verifier'
  }
  return code.state === 'used' ? 'replay' : 'redeemed'
}

/** RFC 7636 §4.6 */
function isVerified(challenge: NonNullable<Code['challenge']>, verifier: string): boolean {
  const derived = challenge.method === 'S256' ? hashToken(verifier) : verifier
  return VERIFIER.test(verifier) && timingSafeEqual(digest(derived), digest(challenge.value))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function makeCode(request: CodeRequest, now: number): Code {
  const { client, authorization, scopes, lifetime } = request
  const { redirectUri, challenge, audience, metadata } = request
  if (!(lifetime >= 1)) throw new RangeError(`a code lives at least 1 second, not ${lifetime}`)
  if (client.type === 'public' && challenge === undefined) {
    throw new TypeError(`client "${client.clientId}" is public: its codes need a PKCE challenge`)
  }
  return {
    client: client.clientId,
    clientEpoch: client.epoch,
    owner: authorization.owner,
    application: authorization.application,
    authorization: authorization.id,
    revision: authorization.revision,
    scopes,
    state: 'issued',
    failures: 0,
    issued: now,
    expires: now + lifetime * 1000,
    ...(redirectUri !== undefined && { redirectUri }),
    ...(challenge !== undefined && { challenge }),
    ...(audience !== undefined && { audience }),
    ...(metadata !== undefined && { metadata }),
  }
}
