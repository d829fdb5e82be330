import { createServer } from 'node:http'
import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider'
import { announce } from './announce.ts'
import { LIFETIME, RESOURCE_SERVER, SAMPLE_APP, SECRET } from './credentials.ts'

interface Kept {
  readonly payload: AdapterPayload
  readonly expires: number
}

const kept = new Map<string, Kept>()

/** The provider's own memory adapter forgets all but the last 1,000 records or so; this one forgets none. */
function memoryAdapter(model: string): Adapter {
  const keyOf = (id: string) => `${model}:${id}`
  return {
    async upsert(id, payload, expiresIn) {
      kept.set(keyOf(id), { payload, expires: Date.now() + (expiresIn ?? Infinity) * 1000 })
    },
    async find(id) {
      const found = kept.get(keyOf(id))
      return found !== undefined && found.expires > Date.now() ? found.payload : undefined
    },
    async destroy(id) {
      kept.delete(keyOf(id))
    },
    findByUid: unused,
    findByUserCode: unused,
    consume: unused,
    revokeByGrantId: unused,
  }
}

async function unused(): Promise<undefined> {
  throw new Error('client credentials need no sessions, devices and grants')
}

const common = {
  client_secret: SECRET,
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_basic',
} as const

const provider = new Provider('http://127.0.0.1', {
  adapter: memoryAdapter,
  clients: [
    { ...common, client_id: SAMPLE_APP, grant_types: ['client_credentials'], scope: 'read write' },
    { ...common, client_id: RESOURCE_SERVER, grant_types: [] },
  ],
  scopes: ['read', 'write'],
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    devInteractions: { enabled: false },
  },
  routes: {
    token: '/oauth/token',
    introspection: '/oauth/introspect',
    revocation: '/oauth/revoke',
  },
  ttl: { ClientCredentials: LIFETIME },
})

provider.on('server_error', (_context, error) => console.error(error))
announce(createServer(provider.callback()))
