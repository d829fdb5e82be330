import { defineFilter, Refusal, refuse } from '../../engine/index.ts'
import {
  type ClientRegistry,
  describeClient,
  type Registered,
  type Registration,
  RegistrationError,
  registrySetting,
  withoutSecrets,
} from '../../oauth/index.ts'

export default defineFilter({
  name: 'client/register',
  summary: 'Registers the client application that the JSON body describes.',
  config: {
    type: 'object',
    properties: {
      registry: registrySetting,
    },
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['request'],
  writes: { success: ['oauth.client.details', 'oauth.response'] },
  confidential: ['secret'],
  example: { registry: 'ClientApplicationRegistry' },
  create({ registry }, services) {
    const clients = services.clients(registry)
    return async function registerClient(message) {
      const registration = readRegistration(message.request.json)
      if (registration instanceof Refusal) return registration
      const registered = await register(clients, registration)
      if (registered instanceof Refusal) return registered
      message.set('oauth.client.details', withoutSecrets(registered.client))
      message.set('oauth.response', {
        ...describeClient(registered.client),
        ...(registered.secret && { secret: registered.secret }),
      })
      return 'success'
    }
  },
})

/** What its members hold, and which there may be, is for the rules of registration to judge. */
function readRegistration(json: unknown): Registration | Refusal {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Registration)
    : refuse('invalid_request', 'send the client application as a JSON object')
}

async function register(
  clients: ClientRegistry,
  registration: Registration,
): Promise<Registered | Refusal> {
  try {
    return await clients.register(registration)
  } catch (error) {
    if (error instanceof RegistrationError) return refuse(error.code, error.message)
    throw error
  }
}
