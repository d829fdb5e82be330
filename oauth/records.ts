/**
 * The records of OAuth. All times are milliseconds since the epoch; scopes are in the order in which
 * they were asked for. Types, not interfaces: a record is plain JSON.
 */

/** A verifier of a client secret: HMAC-SHA-256 under a key of the key ring, never the secret itself. */
export type SecretVerifier = {
  readonly id: string
  /** Which key of the ring. */
  readonly key: string
  /** base64url */
  readonly hmac: string
  readonly created: number
  /** From then on the secret is refused; absent: never. */
  readonly expires?: number
}

/** A client application (RFC 6749 §2). */
export type Client = {
  /** The key. */
  readonly clientId: string
  /** Unique, 1 to 2⁵³ − 1; what products that number their clients show. */
  readonly number: number
  /** Several clients may share one application, and with it its authorizations; by default `clientId`. */
  readonly applicationId: string
  readonly name: string
  readonly description?: string
  readonly type: 'confidential' | 'public'
  readonly secrets: readonly SecretVerifier[]
  readonly redirectUris: readonly string[]
  /** Grant types it may use: `client_credentials`, `authorization_code`, … */
  readonly grants: readonly string[]
  readonly scopes: readonly string[]
  /** Given when it asks for none; each is one of `scopes`. */
  readonly defaultScopes: readonly string[]
  readonly organisation?: string
  readonly developer?: string
  readonly apis: readonly string[]
  /** What else it may do: `introspect`. */
  readonly privileges: readonly string[]
  readonly enabled: boolean
  /** Random; a token of another epoch is dead. A client made anew gets a new one. */
  readonly epoch: string
  readonly created: number
  readonly updated: number
}

/** A client as policies and rules see it: nobody but the registry has a use for its verifiers. */
export type ClientDetails = Omit<Client, 'secrets'>

/** What a resource owner lets an application do: one record per application and owner, by construction of its key. */
export type Authorization = {
  /** Random; a token that names another is dead. */
  readonly id: string
  readonly application: string
  readonly owner: string
  /** Rises with every grant of a new scope and every imposition. */
  readonly revision: number
  /** Scope → the revision at which it was granted. */
  readonly granted: Readonly<Record<string, number>>
  /** Scopes that the owner said yes to; the owner is asked only for others. */
  readonly consented: readonly string[]
  /** Scopes that replace those of every token of an older revision. */
  readonly imposed?: { readonly scopes: readonly string[]; readonly revision: number }
  readonly created: number
  readonly updated: number
  /** No token under it lives longer. */
  readonly tokensUntil: number
}

/** All tokens that descend from one grant: what reuse of a refresh token, or replay of a code, ends (RFC 9700 §4.14.2). */
export type Family = {
  readonly id: string
  /** `Authorization.id`; absent for a grant without an owner. */
  readonly authorization?: string
  readonly client: string
  readonly owner?: string
  /** SHA-256 of the refresh token that may be used now; absent if the grant gave none. */
  readonly current?: string
  /** Rotated ones that are still let through, for answers that were lost. */
  readonly graced: readonly { readonly hash: string; readonly until: number }[]
  readonly state: 'live' | 'revoked' | 'reused'
  readonly created: number
  readonly expires: number
}

/** An access or refresh token. The key is the SHA-256 of its text. */
export type Token = {
  readonly kind: 'access' | 'refresh'
  readonly client: string
  readonly clientEpoch: string
  readonly owner?: string
  /** As issued; what it has now is for `effectiveScopes` to say. */
  readonly scopes: readonly string[]
  readonly issued: number
  readonly expires: number
  /** `Authorization.application`: with the owner it leads to the authorization without asking the client first. */
  readonly application: string
  /** `Authorization.id`; a token with an owner has one. */
  readonly authorization?: string
  readonly family?: string
  /** `Authorization.revision` when it was issued. */
  readonly revision?: number
  readonly api?: string
  readonly session?: string
  /** Audience (RFC 8707). */
  readonly audience?: readonly string[]
  /** Additional metadata, by name. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** An authorization code (RFC 6749 §4.1.2). The key is the SHA-256 of its text. */
export type Code = {
  readonly client: string
  readonly clientEpoch: string
  readonly owner: string
  readonly application: string
  readonly authorization: string
  readonly revision: number
  readonly scopes: readonly string[]
  /** As sent in the authorization request; absent if it named none. */
  readonly redirectUri?: string
  /** PKCE (RFC 7636). */
  readonly challenge?: { readonly value: string; readonly method: 'S256' | 'plain' }
  readonly state: 'issued' | 'used'
  /** Verifiers that did not fit. */
  readonly failures: number
  /** The family it bought, so that a replay can end it. */
  readonly family?: string
  readonly issued: number
  readonly expires: number
  readonly audience?: readonly string[]
  readonly metadata?: Readonly<Record<string, string>>
}
