import { compileExpression, defineFilter, Refusal, reveal } from '../../engine/index.ts'
import { formatScopes, parseScopes, resolveScopes, tokenStoreSetting } from '../../oauth/index.ts'

export default defineFilter({
  name: 'token/issue',
  summary: 'Issues an access token, and if asked a refresh token, to the authenticated client.',
  config: {
    type: 'object',
    properties: {
      store: tokenStoreSetting,
      accessTokenLifetime: {
        type: 'integer',
        minimum: 1,
        maximum: 315_360_000,
        default: 3600,
        description: 'Seconds.',
      },
      accessTokenLength: {
        type: 'integer',
        minimum: 22,
        maximum: 512,
        default: 54,
        description: 'Characters of base64url; 22 hold 128 bits.',
      },
      accessTokenType: {
        type: 'string',
        minLength: 1,
        default: 'Bearer',
        description: 'What the response calls the token.',
      },
      scopesMustMatch: {
        type: 'string',
        enum: ['any', 'all'],
        default: 'any',
        description:
          'Whether any of the requested scopes, or all of them, must be registered for the client. With `any` the others are left out. A request for none gets the client’s default scopes, and is refused if it has scopes but no default ones.',
      },
      metadata: {
        type: 'object',
        additionalProperties: { $ref: 'expression' },
        default: {},
        description:
          'Additional metadata: name → expression. It is kept with the token, as text, and told to who introspects it; what yields null is left out.',
      },
    },
    required: ['store'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['request', 'oauth.client.details'],
  writes: {
    success: ['accesstoken', 'scopes.in.token', 'scopes.for.token', 'oauth.response'],
  },
  example: { store: 'OAuth Access Token Store' },
  create(config, services) {
    const tokens = services.tokens(config.store)
    const metadata = Object.entries(config.metadata).map(
      ([name, rule]) => [name, compileExpression(rule)] as const,
    )
    return async function issueToken(message) {
      const client = message.need('oauth.client.details')
      const requested = parseScopes(reveal(message.request.form.scope))
      if (requested instanceof Refusal) return requested
      const scopes = resolveScopes({ requested, client, match: config.scopesMustMatch })
      if (scopes instanceof Refusal) return scopes
      const issued = await tokens.issue({
        kind: 'access',
        client,
        scopes,
        lifetime: config.accessTokenLifetime,
        length: config.accessTokenLength,
        metadata: Object.fromEntries(
          metadata.flatMap(([name, evaluate]) => toText(name, evaluate(message))),
        ),
      })
      message.set('accesstoken', issued.record)
      message.set('scopes.in.token', requested)
      message.set('scopes.for.token', scopes)
      message.set('oauth.response', {
        access_token: issued.token,
        token_type: config.accessTokenType,
        expires_in: config.accessTokenLifetime,
        ...(scopes.length > 0 && { scope: formatScopes(scopes) }),
      })
      return 'success'
    }
  },
})

function toText(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === null || value === undefined) return []
  return [[name, typeof value === 'string' ? value : JSON.stringify(value)]]
}
