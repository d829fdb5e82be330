import { defineFilter, fetchPage, Refusal } from '../../engine/index.ts'
import { describeClient, registrySetting } from '../../oauth/index.ts'

export default defineFilter({
  name: 'client/list',
  summary: 'Lists client applications, a page at a time.',
  config: {
    type: 'object',
    properties: {
      registry: registrySetting,
    },
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['request'],
  writes: { success: ['oauth.response'] },
  example: { registry: 'ClientApplicationRegistry' },
  create({ registry }, services) {
    const clients = services.clients(registry)
    return async function listClients(message) {
      const page = await fetchPage(message.request.query, clients.list)
      if (page instanceof Refusal) return page
      const { items, next } = page
      message.set('oauth.response', {
        applications: items.map(describeClient),
        ...(next !== undefined && { next }),
      })
      return 'success'
    }
  },
})
