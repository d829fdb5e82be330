import { defineFilter, refuse } from '../../engine/index.ts'
import { describeClient, registrySetting } from '../../oauth/index.ts'

export default defineFilter({
  name: 'client/read',
  summary: 'Reads the client application that the route parameter `clientId` names.',
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
    return async function readClient(message) {
      const clientId = message.request.params.clientId ?? ''
      const client = await clients.find(clientId)
      if (client === undefined) return refuse('not_found', `there is no client ${clientId}`)
      message.set('oauth.response', describeClient(client))
      return 'success'
    }
  },
})
