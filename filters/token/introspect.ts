import { defineFilter, refuse, reveal } from '../../engine/index.ts'
import { formatScopes, type TokenLookup, tokenStoreSetting } from '../../oauth/index.ts'

/** RFC 7662 §2.2: who may not know learns nothing but this. */
const INACTIVE = Object.freeze({ active: false })

export default defineFilter({
  name: 'token/introspect',
  summary: 'Tells whether the token of the request is active, and what it stands for (RFC 7662).',
  config: {
    type: 'object',
    properties: {
      store: tokenStoreSetting,
      accessTokenType: {
        type: 'string',
        minLength: 1,
        default: 'Bearer',
        description: 'What the response calls an access token.',
      },
    },
    required: ['store'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['request', 'oauth.client.details'],
  writes: { success: ['oauth.response', 'oauth.token.details?'] },
  confidential: ['token'],
  example: { store: 'OAuth Access Token Store' },
  create(config, services) {
    const tokens = services.tokens(config.store)
    return async function introspectToken(message) {
      const text = reveal(message.request.form.token)
      if (!text) return refuse('invalid_request', 'the parameter token is missing')
      const caller = message.need('oauth.client.details')
      const found = await tokens.lookUp(text)
      if (!found.alive || !mayKnow(found, caller.clientId)) {
        message.set('oauth.response', INACTIVE)
        return 'success'
      }
      message.set('oauth.token.details', found.token)
      message.set('oauth.response', describeToken(found, message.request.origin, config))
      return 'success'
    }
  },
})

/** RFC 7662 §2.2. A token without scopes must not be told of as having those that its metadata claim. */
const STANDARD_MEMBERS: ReadonlySet<string> = new Set([
  'active',
  'scope',
  'client_id',
  'username',
  'token_type',
  'exp',
  'iat',
  'nbf',
  'sub',
  'aud',
  'iss',
  'jti',
])

type LivingToken = Extract<TokenLookup, { alive: true }>

/** A resource server that takes a refresh token for an access token must not be told that it is active. */
function mayKnow({ token }: LivingToken, caller: string): boolean {
  return token.kind === 'access' || token.client === caller
}

/** RFC 7662 §2.2 */
function describeToken(
  { token, scopes }: LivingToken,
  issuer: string,
  { accessTokenType }: { readonly accessTokenType: string },
): Record<string, unknown> {
  return {
    ...(token.metadata && withoutStandardMembers(token.metadata)),
    active: true,
    ...(scopes.length > 0 && { scope: formatScopes(scopes) }),
    client_id: token.client,
    ...(token.owner !== undefined && { username: token.owner }),
    ...(token.kind === 'access' && { token_type: accessTokenType }),
    exp: Math.floor(token.expires / 1000),
    iat: Math.floor(token.issued / 1000),
    sub: token.owner ?? token.client,
    ...(token.audience !== undefined && { aud: token.audience }),
    iss: issuer,
  }
}

function withoutStandardMembers(metadata: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(metadata).filter(([name]) => !STANDARD_MEMBERS.has(name)),
  )
}
