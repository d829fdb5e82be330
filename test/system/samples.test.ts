import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createPeer } from '../conformance/requirement.ts'
import { usePostgres } from '../support/postgres.ts'
import { endAll, startProcess } from '../support/process.ts'
import { DURABLE, useRedis } from '../support/redis.ts'

const app = { basic: 'sample-app:sample-secret' }
const resource = { basic: 'sample-resource-server:sample-secret' }

/** Issues, checks and revokes a token, as the README does. */
async function walk(sample: string, env: Readonly<Record<string, string>>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-sample-'))
  try {
    const config = join(import.meta.dirname, '../../samples', sample, 'gateway.json')
    const gateway = await startProcess(folder, { ...env, SALLYPORT_CONFIG: config })
    const peer = createPeer(gateway.traffic)
    const issued = await peer.send('/oauth/token', {
      ...app,
      form: { grant_type: 'client_credentials' },
    })
    const form = { token: String(issued.json.access_token) }
    const active = async () =>
      (await peer.send('/oauth/introspect', { ...resource, form })).json.active
    expect(await active()).to.equal(true)
    expect((await peer.send('/oauth/revoke', { ...app, form })).status).to.equal(200)
    expect(await active()).to.equal(false)
    expect(await gateway.end('SIGTERM')).to.equal(0)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the samples', () => {
  afterEach(endAll)

  it('walk on the embedded store', () => walk('quickstart', {}))

  describe('for PostgreSQL', () => {
    const server = usePostgres()
    it('walk', async () => walk('postgres', { POSTGRES_URL: await server().createDatabase() }))
  })

  describe('for Redis', () => {
    const server = useRedis(DURABLE)
    it('walk', () => walk('redis', { REDIS_URL: server().url }))
  })
})
