import { type Refusal, refuse } from '../engine/policy/refusal.ts'
import type { Authorizations } from './authorizations.ts'
import type { Codes, PresentedCode } from './codes.ts'
import { effectiveScopes } from './consent.ts'
import { hashToken, randomId } from './digest.ts'
import type { Families } from './families.ts'
import type { TokenLookup } from './look-up.ts'
import type { Authorization, ClientDetails, Token } from './records.ts'
import { formatScopes, without } from './scopes.ts'
import { type Issued, makeToken, type TokenRequest } from './token-records.ts'

/** How the tokens of a grant are made. */
export interface Terms extends Pick<TokenRequest, 'api' | 'session' | 'audience' | 'metadata'> {
  /** Seconds. */
  readonly accessLifetime: number
  /** Seconds; absent: no refresh token. */
  readonly refreshLifetime?: number | undefined
  readonly accessLength?: number | undefined
  readonly refreshLength?: number | undefined
}

/** The tokens that a grant gave. */
export interface Granted {
  readonly access: Issued
  readonly refresh?: Issued
  readonly scopes: readonly string[]
}

/** What an operator wants to hear of: somebody holds a token or code that is not his. */
export interface SecurityEvent {
  readonly event: 'refresh-token-reuse' | 'code-replay'
  readonly client: string
  readonly owner?: string
  readonly family?: string
}

export interface Grants {
  /** Starts a family of tokens. */
  start(grant: {
    readonly client: ClientDetails
    readonly scopes: readonly string[]
    readonly authorization?: Authorization | undefined
    readonly terms: Terms
  }): Promise<Granted>
  /** Trades a code for a family of tokens (RFC 6749 §4.1.3); otherwise `invalid_grant`. */
  redeem(
    code: string,
    presented: Omit<PresentedCode, 'family'>,
    terms: Terms,
  ): Promise<Granted | Refusal>
  /**
   * Trades a refresh token for new tokens with the scopes that it has now, or fewer for the access
   * token (RFC 6749 §6); otherwise `invalid_grant`, or `invalid_scope` for more.
   */
  refresh(
    text: string,
    client: ClientDetails,
    terms: Terms & {
      readonly refreshLifetime: number
      /** None: all that the refresh token has. */
      readonly requested?: readonly string[] | undefined
      /** Seconds for which the displaced token is still let through; by default 0. */
      readonly grace?: number | undefined
    },
  ): Promise<Granted | Refusal>
}

type Bearer = {
  readonly client: ClientDetails
  readonly authorization?: Authorization | undefined
  readonly family: string
}

/**
 * All tokens of a grant are written before its family is created or rotated: that one update is the
 * commit. Until then they are dead, or known to nobody; if it fails, they stay so.
 */
export function grants(parts: {
  readonly codes: Codes
  readonly authorizations: Authorizations
  readonly families: Families
  write(issued: Issued): Promise<void>
  lookUp(text: string): Promise<TokenLookup>
  report(event: SecurityEvent): void
  now(): number
}): Grants {
  const { codes, authorizations, families, write, lookUp, report, now } = parts

  async function writeTokens(
    bearer: Bearer,
    scopes: { readonly access: readonly string[]; readonly refresh: readonly string[] },
    terms: Terms,
  ): Promise<Granted & { readonly expires: number }> {
    const { accessLifetime, refreshLifetime, accessLength, refreshLength, ...rest } = terms
    const { api, session, audience, metadata } = rest
    const common = { ...bearer, api, session, audience, metadata }
    const make = (kind: Token['kind'], lifetime: number, length: number | undefined) =>
      makeToken({ ...common, kind, lifetime, length, scopes: scopes[kind] }, now())
    const access = make('access', accessLifetime, accessLength)
    const refresh =
      refreshLifetime === undefined ? undefined : make('refresh', refreshLifetime, refreshLength)
    await Promise.all([write(access), refresh && write(refresh)])
    return {
      access,
      scopes: scopes.access,
      ...(refresh && { refresh }),
      expires: Math.max(access.record.expires, refresh?.record.expires ?? 0),
    }
  }

  /** Undefined if the family was ended before it began. */
  async function startFamily(
    bearer: Bearer,
    scopes: readonly string[],
    terms: Terms,
  ): Promise<Granted | undefined> {
    const { expires, ...granted } = await writeTokens(
      bearer,
      { access: scopes, refresh: scopes },
      terms,
    )
    const { client, authorization, family } = bearer
    const created = await families.create({
      id: family,
      client: client.clientId,
      expires,
      ...(authorization && { authorization: authorization.id, owner: authorization.owner }),
      ...(granted.refresh && { current: granted.refresh.id }),
    })
    return created ? granted : undefined
  }

  async function start({
    client,
    scopes,
    authorization,
    terms,
  }: Parameters<Grants['start']>[0]): Promise<Granted> {
    const granted = await startFamily({ client, authorization, family: randomId() }, scopes, terms)
    if (granted === undefined) throw new Error('a family of the same random id exists already')
    return granted
  }

  async function redeem(
    text: string,
    presented: Omit<PresentedCode, 'family'>,
    terms: Terms,
  ): Promise<Granted | Refusal> {
    const family = randomId()
    const { outcome, code } = await codes.redeem(text, { ...presented, family })
    if (outcome === 'replay' && code !== undefined) report(describe('code-replay', code))
    if (outcome !== 'redeemed' || code === undefined) return rejectCode(outcome)
    const authorization = await authorizations.find(code.application, code.owner)
    if (authorization?.id !== code.authorization) return rejectCode('authorization-gone')
    if (authorization.tokensUntil <= now()) return rejectCode('authorization-over')
    const scopes = effectiveScopes(code, authorization)
    const { audience = code.audience, metadata = code.metadata } = terms
    const bearer = { client: presented.client, authorization, family }
    const granted = await startFamily(bearer, scopes, { ...terms, audience, metadata })
    return granted ?? rejectCode('replayed meanwhile')
  }

  async function refresh(
    text: string,
    client: ClientDetails,
    terms: Parameters<Grants['refresh']>[2],
  ): Promise<Granted | Refusal> {
    const found = await lookUp(text)
    const { token } = found
    if (token === undefined || token.kind !== 'refresh') return rejectRefresh('unknown')
    if (token.client !== client.clientId) return rejectRefresh('issued to another client')
    if (!found.alive) {
      return found.reason === 'rotated' ? endReused(token, text) : rejectRefresh(found.reason)
    }
    const { requested = [], grace = 0 } = terms
    const { audience = token.audience, metadata = token.metadata } = terms
    const { api = token.api, session = token.session } = terms
    const extra = without(requested, found.scopes)
    if (extra.length > 0) return refuse('invalid_scope', `not granted: ${formatScopes(extra)}`)
    const family = token.family ?? ''
    const bearer = { client: found.client, authorization: found.authorization, family }
    const access = requested.length > 0 ? requested : found.scopes
    const { expires, ...granted } = await writeTokens(
      bearer,
      // RFC 6749 §6: whatever is asked for now, the refresh token keeps its scopes.
      { access, refresh: found.scopes },
      { ...terms, audience, metadata, api, session },
    )
    const rotated = await families.rotate(family, {
      presented: hashToken(text),
      next: granted.refresh?.id ?? '',
      grace: grace * 1000,
      expires,
    })
    if (rotated === 'reuse') report(describe('refresh-token-reuse', token))
    return rotated === 'rotated' ? granted : rejectRefresh(rotated)
  }

  async function endReused(token: Token, text: string): Promise<Refusal> {
    const id = hashToken(text)
    // What was displaced never comes back, so this can only find it displaced.
    const outcome = await families.rotate(token.family ?? '', {
      presented: id,
      next: id,
      grace: 0,
      expires: 0,
    })
    if (outcome === 'reuse') report(describe('refresh-token-reuse', token))
    return rejectRefresh(outcome)
  }

  return { start, redeem, refresh }
}

function rejectCode(because: string): Refusal {
  return refuse('invalid_grant', 'the authorization code is not valid', because)
}

function rejectRefresh(because: string): Refusal {
  return refuse('invalid_grant', 'the refresh token is not valid', because)
}

function describe(
  event: SecurityEvent['event'],
  { client, owner, family }: { client: string; owner?: string; family?: string },
): SecurityEvent {
  return {
    event,
    client,
    ...(owner !== undefined && { owner }),
    ...(family !== undefined && { family }),
  }
}
