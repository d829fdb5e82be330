import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { endAll, runSallyport, spawnSallyport } from '../support/process.ts'
import { useRedisUrl } from '../support/redis.ts'
import { makeQuickstart, type Quickstart } from './server-store.ts'

describe('sallyport start --workers', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-workers-'))
  })
  afterEach(async () => {
    await endAll()
    await rm(folder, { recursive: true })
  })

  it('is refused where only one process can hold a store, with the remedy', async () => {
    const { code, stderr } = await runSallyport(folder, ['start', '--workers', '2'])
    expect(code).to.equal(1)
    expect(stderr).to.contain('the store "main"').and.contain('use a server store')
  })

  it('takes a number of at least one, and serves alone with one', async () => {
    for (const wrong of ['0', '-1', '1.5', 'many']) {
      const { code, stderr } = await runSallyport(folder, ['start', `--workers=${wrong}`])
      expect(code).to.equal(2)
      expect(stderr).to.contain(`--workers is ${wrong}; give a number from 1`)
    }
    const child = spawnSallyport(folder, ['start', '--workers', '1'])
    let output = ''
    child.stderr?.on('data', (chunk) => {
      output += chunk
    })
    while (!output.includes('administrator:')) await sleep(10)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).to.deep.equal([0, null])
  }).timeout(60_000)
})

describe('several workers', () => {
  const url = useRedisUrl()
  let quickstart: Quickstart

  beforeEach(async () => {
    const prefix = `workers-${process.pid}-${Date.now()}`
    quickstart = await makeQuickstart({ adapter: 'redis', url: url(), prefix })
  })
  afterEach(() => quickstart.remove())

  it('tell once why they cannot start, and leave nobody behind', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await quickstart.run(['start', '--workers', '3'], {
      SALLYPORT_TRAFFIC_PORT: String(port),
    })
    expect(code).to.equal(1)
    expect(stderr.match(/the port is taken/g)).to.have.length(1)
    server.close()
  }).timeout(60_000)

  it('end with the process that looks after them', async () => {
    const gateway = await quickstart.start({ workers: 2 })
    expect(await gateway.end('SIGKILL')).to.equal('SIGKILL')
    while (await gateway.issue().catch(() => undefined)) await sleep(10)
  }).timeout(60_000)

  it('finish running requests when a signal comes', async () => {
    const gateway = await quickstart.start({ workers: 2 })
    let over = false
    let signalled = false
    const statuses: number[] = []
    const work = Array.from({ length: 8 }, async () => {
      while (!over) {
        const answer = await gateway.issue().catch((error: Error) => error)
        if (answer instanceof Error) {
          // A connection that comes while the port closes is refused, or shut before it is served.
          expect(signalled, String(answer.cause)).to.equal(true)
          expect(String(answer.cause)).to.match(/ECONNREFUSED|ECONNRESET|other side closed/)
          return
        }
        statuses.push(answer.status)
      }
    })
    while (statuses.length < 100) await sleep(5)
    signalled = true
    expect(await gateway.end('SIGTERM')).to.equal(0)
    over = true
    await Promise.all(work)
    expect(new Set(statuses)).to.deep.equal(new Set([200]))
  }).timeout(60_000)
})
