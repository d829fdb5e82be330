import { defineFilter, refuse } from '../../engine/index.ts'
import { alsoRemoveSetting, describeToken, tokenStoreSetting } from '../../oauth/index.ts'

export default defineFilter({
  name: 'token/remove',
  summary: 'Revokes, whoever it was issued to, the token whose id is the route parameter `id`.',
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
  reads: ['request'],
  writes: { success: ['oauth.response'] },
  example: { store: 'OAuth Access Token Store' },
  create({ store, alsoRemove }, services) {
    const tokens = services.tokens(store)
    return async function removeToken(message) {
      const id = message.request.params.id ?? ''
      const removed = await tokens.revokeById(id, { alsoRemove })
      if (removed === undefined) return refuse('not_found', `there is no token with the id ${id}`)
      message.set('oauth.response', describeToken({ key: id, value: removed }))
      return 'success'
    }
  },
})
