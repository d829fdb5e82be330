import { printable } from '../engine/http/printable.ts'

/** What an error code means over HTTP. */
export interface OAuthError {
  readonly status: number
  /** Sent where the filter that refused gave no better one. */
  readonly description: string
  /** Where the code is defined. */
  readonly source: string
}

/** The error codes of OAuth, with the status of a direct answer. */
export const oauthErrors = {
  access_denied: {
    status: 403,
    description: 'the resource owner or the authorization server denied the request',
    source: 'RFC 6749 §4.1.2.1',
  },
  client_exists: {
    status: 409,
    description: 'there is a client of that id',
    source: 'Sallyport, management',
  },
  insufficient_scope: {
    status: 403,
    description: 'the request needs more scopes than the access token has',
    source: 'RFC 6750 §3.1',
  },
  invalid_client: {
    status: 401,
    description: 'client authentication failed',
    source: 'RFC 6749 §5.2',
  },
  invalid_client_metadata: {
    status: 400,
    description: 'a property of the client is not allowed',
    source: 'RFC 7591 §3.2.2',
  },
  invalid_grant: {
    status: 400,
    description: 'the authorization code, refresh token or credentials are not valid',
    source: 'RFC 6749 §5.2',
  },
  invalid_redirect_uri: {
    status: 400,
    description: 'a redirect URI of the client is not allowed',
    source: 'RFC 7591 §3.2.2',
  },
  invalid_request: {
    status: 400,
    description: 'the request lacks a parameter, repeats one, or is otherwise malformed',
    source: 'RFC 6749 §5.2',
  },
  invalid_scope: {
    status: 400,
    description: 'a requested scope is unknown, malformed or more than was granted',
    source: 'RFC 6749 §5.2',
  },
  invalid_target: {
    status: 400,
    description: 'the requested resource is unknown or malformed',
    source: 'RFC 8707 §2',
  },
  invalid_token: {
    status: 401,
    description: 'the access token is expired, revoked, malformed or unknown',
    source: 'RFC 6750 §3.1',
  },
  not_found: {
    status: 404,
    description: 'there is no such thing',
    source: 'Sallyport, management',
  },
  server_error: {
    status: 500,
    description: 'the server met an unexpected condition',
    source: 'RFC 6749 §4.1.2.1',
  },
  temporarily_unavailable: {
    status: 503,
    description: 'the server cannot answer at present',
    source: 'RFC 6749 §4.1.2.1',
  },
  unauthorized_client: {
    status: 400,
    description: 'the client may not do this',
    source: 'RFC 6749 §5.2',
  },
  unsupported_grant_type: {
    status: 400,
    description: 'the grant type is not supported',
    source: 'RFC 6749 §5.2',
  },
  unsupported_response_type: {
    status: 400,
    description: 'the response type is not supported',
    source: 'RFC 6749 §4.1.2.1',
  },
  unsupported_token_type: {
    status: 400,
    description: 'tokens of this type cannot be revoked here',
    source: 'RFC 7009 §2.2.1',
  },
} as const satisfies Readonly<Record<string, OAuthError>>

export type OAuthErrorCode = keyof typeof oauthErrors

/** The status of a direct answer; 400 for a code that the table does not know. */
export function errorStatus(code: string): number {
  return findRow(code)?.status ?? 400
}

/** What the client is told, in the characters that RFC 6749 §5.2 allows: no quotes, no backslash, ASCII. */
export function errorDescription(code: string, description?: string): string {
  const text = description ?? findRow(code)?.description ?? 'the request was refused'
  return printable(text)
}

function findRow(code: string): OAuthError | undefined {
  return Object.hasOwn(oauthErrors, code) ? oauthErrors[code as OAuthErrorCode] : undefined
}
