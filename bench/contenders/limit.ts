import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { memoryKeyRing } from '../../dist/engine/kps/key-ring.js'
import { openConnection } from '../../dist/engine/stores/open.js'
import { openStore } from '../../dist/engine/stores/store.js'
import { clientRegistry } from '../../dist/oauth/clients.js'
import { hashToken } from '../../dist/oauth/digest.js'
import type { Client, Token } from '../../dist/oauth/records.js'
import { indexes } from '../../dist/oauth/token-store.js'
import { announce } from './announce.ts'
import { LIFETIME, RESOURCE_SERVER, SAMPLE_APP, SECRET } from './credentials.ts'

// The limit: what is left when nothing but the work itself is done. The same records in the same
// stores, read and written as often; no policy, no filters, no log, none of the checks of requests
// that no client of the benchmark sends.
const [, , adapter = 'memory', path = ''] = process.argv
const ring = memoryKeyRing()
const connection = await openConnection('main', { adapter, path })
const clients = openStore<Client>(connection.collection('clients', { indexes: indexes.registry }), {
  name: 'clients',
})
const tokens = openStore<Token>(connection.collection('tokens', { indexes: indexes.tokens }), {
  name: 'tokens',
  lifetime: 'expires',
})
await registerClients()

const origin = announce(createServer(serve))

const handlers: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  '/oauth/token': issue,
  '/oauth/introspect': introspect,
  '/oauth/revoke': revoke,
}

interface Call {
  readonly client: Client
  readonly form: URLSearchParams
  readonly response: ServerResponse
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const handle = handlers[request.url ?? '']
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', async () => {
    try {
      const client = await authenticate(request.headers.authorization ?? '')
      if (client === undefined || handle === undefined) return answer(response, 401)
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      await handle({ client, form, response })
    } catch (error) {
      console.error(error)
      answer(response, 500)
    }
  })
}

async function authenticate(authorization: string): Promise<Client | undefined> {
  const credentials = Buffer.from(authorization.slice('Basic '.length), 'base64').toString()
  const colon = credentials.indexOf(':')
  const clientId = decodeURIComponent(credentials.slice(0, colon))
  const secret = decodeURIComponent(credentials.slice(colon + 1))
  const client = await clients.get(clientId)
  const verifier = client?.secrets[0]
  if (client === undefined || verifier === undefined || !client.enabled) return undefined
  const digest = ring.hmac(verifier.key, 'client secret', JSON.stringify([clientId, secret]))
  const isRight = digest && timingSafeEqual(digest, Buffer.from(verifier.hmac, 'base64url'))
  return isRight ? client : undefined
}

async function issue({ client, form, response }: Call): Promise<void> {
  const scopes = form.get('scope')?.split(' ') ?? client.defaultScopes
  if (!client.grants.includes('client_credentials')) return answer(response, 400)
  if (!scopes.every((scope) => client.scopes.includes(scope))) return answer(response, 400)
  const text = randomBytes(41).toString('base64url').slice(0, 54)
  const now = Date.now()
  await tokens.set(hashToken(text), {
    kind: 'access',
    client: client.clientId,
    clientEpoch: client.epoch,
    application: client.applicationId,
    scopes,
    issued: now,
    expires: now + LIFETIME * 1000,
  })
  answer(response, 200, {
    access_token: text,
    token_type: 'Bearer',
    expires_in: LIFETIME,
    scope: scopes.join(' '),
  })
}

async function introspect({ client, form, response }: Call): Promise<void> {
  if (!client.privileges.includes('introspect')) return answer(response, 403)
  const token = await tokens.get(hashToken(form.get('token') ?? ''))
  if (token === undefined || token.expires <= Date.now()) return inactive(response)
  const owner = await clients.get(token.client)
  if (!owner?.enabled || owner.epoch !== token.clientEpoch) return inactive(response)
  answer(response, 200, {
    active: true,
    scope: token.scopes.join(' '),
    client_id: token.client,
    token_type: 'Bearer',
    exp: Math.floor(token.expires / 1000),
    iat: Math.floor(token.issued / 1000),
    sub: token.client,
    iss: await origin,
  })
}

function inactive(response: ServerResponse): void {
  answer(response, 200, { active: false })
}

async function revoke({ client, form, response }: Call): Promise<void> {
  const id = hashToken(form.get('token') ?? '')
  const token = await tokens.get(id)
  if (token !== undefined && token.client !== client.clientId) return answer(response, 400)
  if (token !== undefined) await tokens.delete(id)
  answer(response, 200)
}

function answer(response: ServerResponse, status: number, value?: object): void {
  const body = value === undefined ? '' : JSON.stringify(value)
  response.writeHead(status, {
    ...(value !== undefined && { 'Content-Type': 'application/json' }),
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    Pragma: 'no-cache',
  })
  response.end(body)
}

async function registerClients(): Promise<void> {
  const registry = clientRegistry(clients, { ring, now: Date.now, announce: async () => {} })
  await registry.register({
    clientId: SAMPLE_APP,
    secret: SECRET,
    type: 'confidential',
    grants: ['client_credentials'],
    scopes: ['read', 'write'],
    defaultScopes: ['read'],
  })
  await registry.register({
    clientId: RESOURCE_SERVER,
    secret: SECRET,
    type: 'confidential',
    privileges: ['introspect'],
  })
}
