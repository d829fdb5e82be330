import { defineFilter, refuse, reveal } from '../../engine/index.ts'
import { alsoRemoveSetting, tokenStoreSetting } from '../../oauth/index.ts'

export default defineFilter({
  name: 'token/revoke',
  summary: 'Revokes the access or refresh token that the request names (RFC 7009).',
  config: {
    type: 'object',
    properties: {
      store: tokenStoreSetting,
      alsoRemove: alsoRemoveSetting,
    },
    required: ['store'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['request', 'oauth.client.details'],
  writes: { success: ['oauth.token.details?'] },
  confidential: ['token'],
  example: { store: 'OAuth Access Token Store' },
  create({ store, alsoRemove }, services) {
    const tokens = services.tokens(store)
    return async function revokeToken(message) {
      const text = reveal(message.request.form.token)
      if (!text) return refuse('invalid_request', 'the parameter token is missing')
      const client = message.need('oauth.client.details')
      // token_type_hint is a hint: keys do not differ by kind, so there is nothing to search in order.
      const revoked = await tokens.revoke(text, client, { alsoRemove })
      if (revoked.result === 'foreign') {
        return refuse('unauthorized_client', 'the token was issued to another client')
      }
      // RFC 7009 §2.2: an unknown token is revoked already.
      if (revoked.token) message.set('oauth.token.details', revoked.token)
      return 'success'
    }
  },
})
