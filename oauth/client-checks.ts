import type { Client } from './records.ts'
import { type ClientSettings, quote, RegistrationError } from './registration.ts'
import { isScope, isSubset, without } from './scopes.ts'
import { MOST_SECRETS } from './secrets.ts'

// A URL takes `.` and `..` for steps through folders: nobody could name such a client in a path.
const IDENTIFIER = /^(?!\.{1,2}$)[\x21-\x7e]{1,200}$/
const SECRET = /^[\x20-\x7e]{8,1000}$/
const URI = /^[\x21-\x7e]{1,2000}$/
// A redirect to one of these would run in the user's browser instead of leaving it.
const EXECUTABLE_SCHEMES = ['javascript:', 'data:', 'vbscript:']
// Neither control characters nor lone surrogates: not every store can keep them.
const TEXT = /^[^\p{Cc}\p{Cs}]*$/u
const LONGEST_NAME = 200
const LONGEST_DESCRIPTION = 2000
const MOST_ITEMS = 100

/** Throws a `RegistrationError` that names the property, what is wrong, and the client. */
export function checkClient(client: ClientSettings): void {
  const refuse = (property: string, problem: string): never => {
    throw new RegistrationError(
      'invalid_client_metadata',
      `client ${quote(client.clientId)}: ${property} ${problem}`,
    )
  }
  if (!isIdentifier(client.clientId)) refuse('clientId', MUST_BE_IDENTIFIER)
  if (!isIdentifier(client.applicationId)) refuse('applicationId', MUST_BE_IDENTIFIER)
  if (client.type !== 'confidential' && client.type !== 'public') {
    refuse('type', 'must be "confidential" or "public"')
  }
  for (const property of ['name', 'description', 'organisation', 'developer'] as const) {
    const longest = property === 'description' ? LONGEST_DESCRIPTION : LONGEST_NAME
    const text = client[property]
    if (text !== undefined && !isText(text, longest)) {
      refuse(property, `must be text of at most ${longest} characters`)
    }
  }
  for (const property of ['grants', 'apis', 'privileges'] as const) {
    if (!isList(client[property], isIdentifier)) refuse(property, MUST_LIST_IDENTIFIERS)
  }
  for (const property of ['scopes', 'defaultScopes'] as const) {
    if (!isList(client[property], isScopeName)) refuse(property, MUST_LIST_SCOPES)
  }
  if (!isSubset(client.defaultScopes, client.scopes)) {
    const extra = without(client.defaultScopes, client.scopes).join(' ')
    refuse('defaultScopes', `name what is not among its scopes: ${extra}; add it there too`)
  }
  if (typeof client.enabled !== 'boolean') refuse('enabled', 'must be true or false')
  checkRedirectUris(client)
}

/** A secret that a caller brings must be worth the name and fit into an Authorization header. */
export function checkSecret(clientId: string, type: Client['type'], secret: string): void {
  const problem =
    type === 'public'
      ? 'is public and can hold no secret; register it as confidential, or without one'
      : SECRET.test(secret)
        ? undefined
        : 'needs a secret of 8 to 1000 printable ASCII characters'
  if (problem !== undefined) {
    throw new RegistrationError('invalid_client_metadata', `client "${clientId}" ${problem}`)
  }
}

export function tooManySecrets(clientId: string): RegistrationError {
  return new RegistrationError(
    'invalid_client_metadata',
    `client "${clientId}" has ${MOST_SECRETS} valid secrets, the most it may have; remove one first`,
  )
}

const MUST_BE_IDENTIFIER = 'must be 1 to 200 printable ASCII characters without spaces'
const MUST_LIST_IDENTIFIERS = `must be a list of at most ${MOST_ITEMS} names of printable ASCII characters without spaces`
const MUST_LIST_SCOPES = `must be a list of at most ${MOST_ITEMS} scope names (RFC 6749, section 3.3: printable ASCII without space, quote and backslash)`

function checkRedirectUris({ clientId, redirectUris }: ClientSettings): void {
  const problem = !isList(redirectUris, isRedirectUri)
    ? `redirectUris must be a list of at most ${MOST_ITEMS} absolute URIs without fragment`
    : redirectUris.some(isExecutable)
      ? `redirectUris may not have a scheme that runs in the browser (${EXECUTABLE_SCHEMES.join(' ')})`
      : undefined
  if (problem !== undefined) {
    throw new RegistrationError('invalid_redirect_uri', `client ${quote(clientId)}: ${problem}`)
  }
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= MOST_ITEMS && value.every(isItem)
}

/** True for 1 to 200 printable ASCII characters without spaces; nothing else can be the id of a client. */
export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && IDENTIFIER.test(value)
}

function isScopeName(value: unknown): boolean {
  return typeof value === 'string' && isScope(value)
}

function isText(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.length <= longest && TEXT.test(value)
}

function isRedirectUri(value: unknown): boolean {
  return typeof value === 'string' && URI.test(value) && URL.canParse(value) && !value.includes('#')
}

function isExecutable(uri: string): boolean {
  return EXECUTABLE_SCHEMES.includes(new URL(uri).protocol)
}
