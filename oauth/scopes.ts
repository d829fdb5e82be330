import { type Refusal, refuse } from '../engine/policy/refusal.ts'
import type { Client } from './records.ts'

/** RFC 6749 §3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/
const MOST_SCOPES = 100
const LONGEST_TEXT = 4096

/** True for a scope name of at most 200 characters (RFC 6749 §3.3). */
export function isScope(name: string): boolean {
  return SCOPE.test(name)
}

/**
 * The scopes of a space separated parameter, in order, each once; none for an absent or empty one.
 * Malformed, more than 100 or longer than 4096 characters: `invalid_scope`.
 */
export function parseScopes(text: string | undefined): readonly string[] | Refusal {
  if (text === undefined || text === '') return []
  if (text.length > LONGEST_TEXT) return refuse('invalid_scope', 'the scope parameter is too long')
  const names = unique(text.split(' ').filter((name) => name !== ''))
  if (names.length > MOST_SCOPES) {
    return refuse('invalid_scope', `more than ${MOST_SCOPES} scopes are requested`)
  }
  return names.every(isScope)
    ? names
    : refuse('invalid_scope', 'a requested scope is malformed (RFC 6749, section 3.3)')
}

export function formatScopes(scopes: readonly string[]): string {
  return scopes.join(' ')
}

export function unique(scopes: readonly string[]): readonly string[] {
  return [...new Set(scopes)]
}

/** Those of `scopes` that are also in `others`, in the order of `scopes`. */
export function intersect(scopes: readonly string[], others: readonly string[]): readonly string[] {
  const wanted = new Set(others)
  return scopes.filter((scope) => wanted.has(scope))
}

/** Those of `scopes` that are not in `others`. */
export function without(scopes: readonly string[], others: readonly string[]): readonly string[] {
  const unwanted = new Set(others)
  return scopes.filter((scope) => !unwanted.has(scope))
}

export function isSubset(scopes: readonly string[], others: readonly string[]): boolean {
  return without(scopes, others).length === 0
}

/**
 * Which scopes a client gets. Asked for none, it gets its default ones; if it has scopes, but no
 * default ones, that is `invalid_scope` (RFC 6749 §3.3). `all`: every one must be allowed. `any`: it
 * gets those that are allowed, and is refused only if none is.
 */
export function resolveScopes(question: {
  readonly requested: readonly string[]
  readonly client: Pick<Client, 'scopes' | 'defaultScopes'>
  readonly match: 'any' | 'all'
}): readonly string[] | Refusal {
  const { requested, client, match } = question
  if (requested.length === 0) return defaultScopesOf(client)
  const granted = intersect(requested, client.scopes)
  const refused = without(requested, client.scopes)
  const isEnough = match === 'all' ? refused.length === 0 : granted.length > 0
  return isEnough
    ? granted
    : refuse('invalid_scope', `not allowed for this client: ${formatScopes(refused)}`)
}

function defaultScopesOf({
  scopes,
  defaultScopes,
}: Pick<Client, 'scopes' | 'defaultScopes'>): readonly string[] | Refusal {
  if (defaultScopes.length > 0 || scopes.length === 0) return defaultScopes
  return refuse(
    'invalid_scope',
    'the client has no default scopes; name those it needs in the parameter scope, or register default ones',
  )
}
