import { Secret } from '../engine/policy/secret.ts'
import { hashToken, randomToken, TOKEN_LENGTHS } from './digest.ts'
import type { Authorization, ClientDetails, Token } from './records.ts'

/** What a token is made from. */
export interface TokenRequest {
  readonly kind: Token['kind']
  readonly client: ClientDetails
  readonly scopes: readonly string[]
  /** Seconds, at least 1. A token ends earlier if its authorization says so. */
  readonly lifetime: number
  /** Characters, 22 to 1000; by default 54 for an access token, 46 for a refresh token. */
  readonly length?: number | undefined
  /** What the owner let the application do; absent: the token belongs to the client alone. */
  readonly authorization?: Authorization | undefined
  /** A refresh token has one. */
  readonly family?: string | undefined
  readonly api?: string | undefined
  readonly session?: string | undefined
  readonly audience?: readonly string[] | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** A token just made: its text, which nobody can see again, and what is kept of it. */
export interface Issued {
  readonly token: Secret
  /** The key of the record. */
  readonly id: string
  readonly record: Token
}

/** Draws a token and makes its record; nothing is stored yet. Throws on what the caller may not ask for. */
export function makeToken(request: TokenRequest, now: number): Issued {
  const text = randomToken(request.length ?? TOKEN_LENGTHS[request.kind])
  return { token: new Secret(text), id: hashToken(text), record: makeRecord(request, now) }
}

/** The record of a token with that request, whatever its text. */
export function makeRecord(request: TokenRequest, now: number): Token {
  const { kind, client, scopes, lifetime, authorization, family } = request
  const { api, session, audience, metadata } = request
  if (!(lifetime >= 1)) throw new RangeError(`a token lives at least 1 second, not ${lifetime}`)
  if (kind === 'refresh' && family === undefined) {
    throw new TypeError('a refresh token needs a family; without one it could not be rotated')
  }
  if (authorization !== undefined && authorization.application !== client.applicationId) {
    throw new TypeError(
      `the authorization belongs to application "${authorization.application}", client "${client.clientId}" to "${client.applicationId}"`,
    )
  }
  return {
    kind,
    client: client.clientId,
    clientEpoch: client.epoch,
    application: client.applicationId,
    scopes,
    issued: now,
    expires: Math.min(now + lifetime * 1000, authorization?.tokensUntil ?? Infinity),
    ...(authorization && {
      owner: authorization.owner,
      authorization: authorization.id,
      revision: authorization.revision,
    }),
    ...(family !== undefined && { family }),
    ...(api !== undefined && { api }),
    ...(session !== undefined && { session }),
    ...(audience !== undefined && { audience }),
    ...(metadata !== undefined && Object.keys(metadata).length > 0 && { metadata }),
  }
}
