import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { createPeer, type Peer } from '../conformance/requirement.ts'
import { usePostgres } from '../support/postgres.ts'
import { endAll, type GatewayProcess, runSallyport, startProcess } from '../support/process.ts'
import { DURABLE, useRedis } from '../support/redis.ts'

const TOKENS = Number(process.env.SALLYPORT_COPY_TOKENS ?? 2000)
const AT_ONCE = 16
const app = { basic: 'sample-app:sample-secret' }
const resource = { basic: 'sample-resource-server:sample-secret' }

interface Report {
  readonly records: number
  readonly digest: string
}

/** Everybody takes the next one, until none is left. */
async function forEach<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>) {
  const left = items[Symbol.iterator]()
  const rest = { [Symbol.iterator]: () => left }
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function issue(peer: Peer): Promise<string> {
  const { status, json } = await peer.send('/oauth/token', {
    ...app,
    form: { grant_type: 'client_credentials' },
  })
  expect(status).to.equal(200)
  return String(json.access_token)
}

async function isActive(peer: Peer, token: string): Promise<boolean> {
  const { status, json } = await peer.send('/oauth/introspect', { ...resource, form: { token } })
  expect(status).to.equal(200)
  return json.active === true
}

describe('sallyport store copy', () => {
  const postgres = usePostgres()
  const redis = useRedis(DURABLE)
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-copy-'))
  })
  afterEach(endAll)
  after(() => rm(folder, { recursive: true, force: true }))

  async function setUp(name: string, store: object): Promise<string> {
    const quickstart = JSON.parse(await readFile('samples/quickstart/gateway.json', 'utf8'))
    const file = join(folder, `${name}.json`)
    const changed = {
      ...quickstart,
      stores: { main: store },
      policies: resolve('policies'),
      sampleData: resolve('samples/quickstart/sample-data.json'),
    }
    await writeFile(file, JSON.stringify(changed))
    return file
  }

  const start = (config: string) => startProcess(folder, { SALLYPORT_CONFIG: config })
  const run = (config: string, ...words: readonly string[]) =>
    runSallyport(folder, words, { SALLYPORT_CONFIG: config })
  const peerOf = ({ traffic }: GatewayProcess) => createPeer(traffic)

  it('takes every token, alive or dead, from LMDB to PostgreSQL to Redis to LMDB', async () => {
    const deadline = 1000
    const chain = [
      await setUp('first', { adapter: 'lmdb', path: join(folder, 'first') }),
      await setUp('postgres', {
        adapter: 'postgres',
        url: await postgres().createDatabase(),
        deadline,
      }),
      await setUp('redis', { adapter: 'redis', url: redis().url, deadline }),
      await setUp('last', { adapter: 'lmdb', path: join(folder, 'last') }),
    ] as const
    const revoked = new Set<string>()
    const tokens: string[] = []
    let turn = 0
    let gateways = [await start(chain[0])]
    let peers = gateways.map(peerOf)
    await forEach(Array(TOKENS).keys(), async (position) => {
      tokens.push(await issue(peers[position % peers.length] as Peer))
    })

    for (const [stage, source] of chain.slice(0, -1).entries()) {
      const target = chain[stage + 1] as string
      const before = revoked.size
      const refused = await copyUnderRevocations(source, target)
      const all = await Promise.all(gateways.map((each) => each.end('SIGTERM')))
      expect(all.every((code) => code === 0)).to.equal(true)
      // Several gateways share a server store; each of them has to hear of the lock.
      const servers = target === chain[1] || target === chain[2]
      gateways = [await start(target), ...(servers ? [await start(target)] : [])]
      peers = gateways.map(peerOf)
      await forEach(tokens, async (token) => {
        const active = await isActive(peers[0] as Peer, token)
        expect(active, 'a token is alive or dead as at the source').to.equal(!revoked.has(token))
      })
      expect(revoked.size, 'some came before the lock').to.be.above(before)
      expect(refused, 'and some behind it').to.be.above(0)
    }

    async function copyUnderRevocations(source: string, target: string): Promise<number> {
      let ended = false
      let refused = 0
      const revoking = (async () => {
        for (; !ended; turn += 1) {
          const token = tokens[(turn * 7919) % tokens.length] as string
          const peer = peers[turn % peers.length] as Peer
          const { status, headers } = await peer.send('/oauth/revoke', { ...app, form: { token } })
          if (status === 200) {
            // To revoke what is dead needs no write, and so is well while all is locked.
            revoked.add(token)
          } else {
            expect(status).to.equal(503)
            expect(headers.get('retry-after')).to.equal('10')
            expect(await isActive(peer, token), 'reads go on').to.equal(!revoked.has(token))
            refused += 1
          }
          await sleep(20)
        }
      })()
      const copied = await run(source, 'store', 'copy', '--to', target, '--json')
      expect(copied.stderr).to.equal('')
      expect(copied.code, copied.stdout).to.equal(0)
      const report: Report = JSON.parse(copied.stdout)
      expect(report.digest).to.match(/^[0-9a-f]{64}$/)
      expect(report.records).to.be.at.least(tokens.length - revoked.size)
      // Left locked: whoever has not noticed the move cannot write.
      const last = await issueStatus(peers[0] as Peer)
      expect(last).to.equal(503)
      ended = true
      await revoking
      return refused
    }
  }).timeout(60_000 + TOKENS * 40)

  it('shows what is locked, and unlocks it', async () => {
    const config = await setUp('shown', { adapter: 'lmdb', path: join(folder, 'shown') })
    const gateway = await start(config)
    const peer = peerOf(gateway)
    expect((await run(config, 'store', 'lock')).stdout).to.match(/^main +locked since \d{4}-/m)
    expect(await issueStatus(peer)).to.equal(503)
    const { code, stdout } = await run(config, 'store', 'status')
    expect(stdout).to.match(/^main +reachable +[\d.]+ ms +locked since \d{4}-/m)
    expect(code).to.equal(0)
    expect((await run(config, 'store', 'unlock')).stdout).to.match(/^main +open$/m)
    expect(await issueStatus(peer)).to.equal(200)
  }).timeout(60_000)

  it('shows on what settings of the server the durability hangs', async () => {
    const config = await setUp('durable', { adapter: 'redis', url: redis().url, prefix: 'shown' })
    const { stdout } = await run(config, 'store', 'status')
    expect(stdout).to.match(/^main +reachable .* open +appendonly yes, appendfsync always/m)
  })

  it('locks nothing where the target has records already', async () => {
    const source = await setUp('source', { adapter: 'lmdb', path: join(folder, 'source') })
    const target = await setUp('full', { adapter: 'lmdb', path: join(folder, 'full') })
    for (const config of [source, target]) await (await start(config)).end('SIGTERM')
    const { code, stderr } = await run(source, 'store', 'copy', '--to', target)
    expect(stderr).to.include(
      'the target has records in "tables:ClientApplicationRegistry" already',
    )
    expect(code).to.equal(1)
    expect((await run(source, 'store', 'status')).stdout).to.match(/^main +reachable .* open$/m)
  }).timeout(60_000)

  it('copies neither from memory nor into it', async () => {
    const source = await setUp('kept', { adapter: 'lmdb', path: join(folder, 'kept') })
    const target = await setUp('memory', { adapter: 'memory' })
    const { code, stderr } = await run(source, 'store', 'copy', '--to', target)
    expect(stderr).to.include('of the adapter memory, which cannot be copied')
    expect(code).to.equal(1)
  })

  async function issueStatus(peer: Peer): Promise<number> {
    const form = { grant_type: 'client_credentials' }
    return (await peer.send('/oauth/token', { ...app, form })).status
  }
})
