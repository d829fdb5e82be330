import { defineFilter, Refusal, refuse } from '../../engine/index.ts'
import {
  type ClientRegistry,
  describeClient,
  type Registered,
  type Registration,
  RegistrationError,
  registrySetting,
} from '../../oauth/index.ts'

const MEMBERS: ReadonlySet<string> = new Set<keyof Registration>([
  'type',
  'clientId',
  'secret',
  'applicationId',
  'name',
  'description',
  'redirectUris',
  'grants',
  'scopes',
  'defaultScopes',
  'organisation',
  'developer',
  'apis',
  'privileges',
  'enabled',
])

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
  example: { registry: 'ClientApplicationRegistry' },
  create({ registry }, services) {
    const clients = services.clients(registry)
    return async function registerClient(message) {
      const registration = readRegistration(message.request.json)
      if (registration instanceof Refusal) return registration
      const registered = await register(clients, registration)
      if (registered instanceof Refusal) return registered
      message.set('oauth.client.details', registered.client)
      message.set('oauth.response', {
        ...describeClient(registered.client),
        ...(registered.secret && { secret: registered.secret }),
      })
      return 'success'
    }
  },
})

/** Only the members are looked at here; what they hold is for the rules of registration to judge. */
function readRegistration(json: unknown): Registration | Refusal {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return refuse('invalid_request', 'send the client application as a JSON object')
  }
  const unknown = Object.keys(json).find((name) => !MEMBERS.has(name))
  if (unknown !== undefined) {
    return refuse('invalid_request', `a client application has no member ${unknown}`)
  }
  return json as Registration
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
