import { defineFilter, fetchPage, Refusal, refuse, reveal } from '../../engine/index.ts'
import { describeToken, tokenStoreSetting } from '../../oauth/index.ts'

export default defineFilter({
  name: 'token/list',
  summary: 'Lists the living tokens of a client or of an owner, a page at a time.',
  config: {
    type: 'object',
    properties: {
      store: tokenStoreSetting,
    },
    required: ['store'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['request'],
  writes: { success: ['oauth.response'] },
  example: { store: 'OAuth Access Token Store' },
  create({ store }, services) {
    const tokens = services.tokens(store)
    return async function listTokens(message) {
      const { query } = message.request
      const client = reveal(query.client)
      const owner = reveal(query.owner)
      if ((client === undefined) === (owner === undefined)) {
        return refuse('invalid_request', 'give either the parameter client or the parameter owner')
      }
      const page = await fetchPage(query, (request) =>
        client === undefined
          ? tokens.listByOwner(owner ?? '', request)
          : tokens.listByClient(client, request),
      )
      if (page instanceof Refusal) return page
      const { items, next } = page
      message.set('oauth.response', {
        tokens: items.map(describeToken),
        ...(next !== undefined && { next }),
      })
      return 'success'
    }
  },
})
