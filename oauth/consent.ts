import type { Authorization, Token } from './records.ts'
import { intersect, unique, without } from './scopes.ts'

/** What a grant adds to an authorization. */
export interface Grant {
  readonly application: string
  readonly owner: string
  /** With consent those that the owner has just approved, without it all that the grant gives. */
  readonly scopes: readonly string[]
  /** With consent: what was asked for; those that the owner consented to earlier are given too. */
  readonly requested?: readonly string[]
  /** Whether the owner was asked. Grants that do not ask (password, JWT bearer) consent to nothing. */
  readonly consented: boolean
  /** Milliseconds since the epoch; an authorization that lasts longer keeps its own. */
  readonly tokensUntil: number
}

/** Those of the requested scopes for which the owner must still be asked. */
export function missingConsent(
  authorization: Authorization | undefined,
  requested: readonly string[],
): readonly string[] {
  return without(requested, authorization?.consented ?? [])
}

/** The scopes that tokens get by this grant: (A ∩ R) ∪ approved; without consent, the grant's own. */
export function scopesOfGrant(
  authorization: Authorization | undefined,
  grant: Grant,
): readonly string[] {
  if (!grant.consented || grant.requested === undefined) return unique(grant.scopes)
  const given = new Set([
    ...intersect(grant.requested, authorization?.consented ?? []),
    ...grant.scopes,
  ])
  return unique([...grant.requested.filter((scope) => given.has(scope)), ...given])
}

/** The authorization after a grant; `id` is for a new one. Only scopes that are new get the new revision. */
export function extend(
  current: Authorization | undefined,
  grant: Grant,
  id: string,
  now: number,
): Authorization {
  const { application, owner, consented, tokensUntil } = grant
  const before = current ?? startAuthorization({ id, application, owner, now })
  const scopes = scopesOfGrant(current, grant)
  const added = scopes.filter((scope) => !Object.hasOwn(before.granted, scope))
  const revision = added.length > 0 ? before.revision + 1 : before.revision
  return {
    ...before,
    revision,
    granted: { ...before.granted, ...atRevision(added, revision) },
    consented: consented ? unique([...before.consented, ...scopes]) : before.consented,
    tokensUntil: Math.max(before.tokensUntil, tokensUntil),
    updated: now,
  }
}

/** Takes away all scopes but these; for what is taken the owner will be asked again. */
export function narrow(
  current: Authorization,
  keep: readonly string[],
  now: number,
): Authorization {
  const kept = Object.entries(current.granted).filter(([scope]) => keep.includes(scope))
  return {
    ...current,
    granted: Object.fromEntries(kept),
    consented: intersect(current.consented, keep),
    updated: now,
  }
}

/** Makes these the scopes of the authorization and of every token issued before. */
export function impose(
  current: Authorization,
  scopes: readonly string[],
  now: number,
): Authorization {
  const revision = current.revision + 1
  const imposed = unique(scopes)
  const granted = imposed.map((scope) => [scope, grantedAt(current, scope) ?? revision] as const)
  return {
    ...current,
    revision,
    granted: Object.fromEntries(granted),
    consented: intersect(current.consented, imposed),
    imposed: { scopes: imposed, revision },
    updated: now,
  }
}

/**
 * The scopes that a living token has now. It has what it was issued with, or what was imposed on it
 * since, as far as that has been granted without interruption: a scope that was taken and granted
 * again has a newer revision.
 */
export function effectiveScopes(
  token: Pick<Token, 'scopes' | 'revision'>,
  authorization: Authorization | undefined,
): readonly string[] {
  if (authorization === undefined) return token.scopes
  const issuedAt = token.revision ?? 0
  const { imposed } = authorization
  const isReplaced = imposed !== undefined && issuedAt < imposed.revision
  const scopes = isReplaced ? imposed.scopes : token.scopes
  const revision = isReplaced ? imposed.revision : issuedAt
  return scopes.filter((scope) => (grantedAt(authorization, scope) ?? Infinity) <= revision)
}

function startAuthorization(start: {
  id: string
  application: string
  owner: string
  now: number
}): Authorization {
  const { id, application, owner, now } = start
  return {
    id,
    application,
    owner,
    revision: 0,
    granted: {},
    consented: [],
    created: now,
    updated: now,
    tokensUntil: 0,
  }
}

// A scope may be called `constructor`, or `__proto__`: own properties only.
function grantedAt({ granted }: Authorization, scope: string): number | undefined {
  return Object.hasOwn(granted, scope) ? granted[scope] : undefined
}

function atRevision(scopes: readonly string[], revision: number): Record<string, number> {
  return Object.fromEntries(scopes.map((scope) => [scope, revision] as const))
}
