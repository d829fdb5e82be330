import { reveal, type Secret } from '../engine/policy/secret.ts'
import { randomId } from './digest.ts'
import type { Client } from './records.ts'
import { unique } from './scopes.ts'

const LONGEST_QUOTE = 60

/** What a client is registered with; everything but the type has a default. */
export interface Registration {
  readonly type: Client['type']
  /** 1 to 200 printable ASCII characters; absent: a random one. */
  readonly clientId?: string | undefined
  /** 8 to 1000 printable ASCII characters; absent: a confidential client gets a random one. */
  readonly secret?: string | Secret | undefined
  readonly applicationId?: string | undefined
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly redirectUris?: readonly string[] | undefined
  readonly grants?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
  readonly defaultScopes?: readonly string[] | undefined
  readonly organisation?: string | undefined
  readonly developer?: string | undefined
  readonly apis?: readonly string[] | undefined
  readonly privileges?: readonly string[] | undefined
  readonly enabled?: boolean | undefined
}

/** Why a client cannot be registered or changed so. */
export class RegistrationError extends Error {
  override name = 'RegistrationError'
  /** RFC 7591 §3.2.2 where it has a code. */
  readonly code: 'invalid_client_metadata' | 'invalid_redirect_uri' | 'client_exists'

  constructor(code: RegistrationError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** What a client is apart from what the registry draws: number, epoch, verifiers, dates. */
export type ClientSettings = Omit<Client, 'number' | 'secrets' | 'epoch' | 'created' | 'updated'>

/**
 * Fills in the defaults. What is no property of a registration throws, so that no misspelling passes;
 * so does a secret that is no text, for a random one would take its place unsaid. What the other
 * properties hold is for `checkClient` to judge: it may be anything that JSON can say.
 */
export function settleClient(registration: Registration): ClientSettings {
  const { clientId = randomId(), type, secret, ...rest } = registration
  const { applicationId = clientId, name = clientId, enabled = true, ...others } = rest
  const { redirectUris = [], grants = [], scopes = [], defaultScopes = [], ...more } = others
  const { apis = [], privileges = [], description, organisation, developer, ...unknown } = more
  const [misspelt] = Object.keys(unknown)
  if (misspelt !== undefined) {
    throw new RegistrationError(
      'invalid_client_metadata',
      `client ${quote(clientId)}: ${quote(misspelt)} is no property of a client; remove it or correct its name`,
    )
  }
  if (secret !== undefined && reveal(secret) === undefined) {
    throw new RegistrationError(
      'invalid_client_metadata',
      `client ${quote(clientId)}: secret must be text; leave it out for a random one`,
    )
  }
  return {
    clientId,
    type,
    applicationId,
    name,
    redirectUris,
    grants,
    scopes: eachOnce(scopes),
    defaultScopes: eachOnce(defaultScopes),
    apis,
    privileges,
    enabled,
    ...(description === undefined ? {} : { description }),
    ...(organisation === undefined ? {} : { organisation }),
    ...(developer === undefined ? {} : { developer }),
  }
}

function eachOnce(scopes: readonly string[]): readonly string[] {
  return Array.isArray(scopes) ? unique(scopes) : scopes
}

/** What a caller sent, for a message: JSON, cut where it is long. */
export function quote(value: unknown): string {
  const json = String(JSON.stringify(value))
  return json.length > LONGEST_QUOTE ? `${json.slice(0, LONGEST_QUOTE)}...` : json
}
