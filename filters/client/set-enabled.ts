import { defineFilter, refuse } from '../../engine/index.ts'
import { describeClient, registrySetting } from '../../oauth/index.ts'

export default defineFilter({
  name: 'client/set-enabled',
  summary: 'Enables or disables the client application that the route parameter `clientId` names.',
  config: {
    type: 'object',
    properties: {
      registry: registrySetting,
      enabled: {
        type: 'boolean',
        description: 'While a client is disabled, all its tokens are dead.',
      },
    },
    required: ['enabled'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['request'],
  writes: { success: ['oauth.response'] },
  example: { enabled: false },
  create({ registry, enabled }, services) {
    const clients = services.clients(registry)
    return async function setEnabled(message) {
      const clientId = message.request.params.clientId ?? ''
      const client = await clients.setEnabled(clientId, enabled)
      if (client === undefined) return refuse('not_found', `there is no client ${clientId}`)
      message.set('oauth.response', describeClient(client))
      return 'success'
    }
  },
})
