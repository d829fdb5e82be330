import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { expect } from 'chai'
import type { Gateway } from '../../../engine/gateway/gateway.ts'
import { FindingsError } from '../../../engine/policy/finding.ts'
import { call, close, listen, recorder } from '../http/demo.ts'
import { gatewayJson, lendPolicy, SetUp } from './demo.ts'

describe('a gateway', () => {
  let setUp: SetUp
  let gateway: Gateway | undefined

  beforeEach(async () => {
    setUp = await SetUp.make({
      'gateway.json': gatewayJson({ sampleData: 'sample-data.json' }),
      'sample-data.json': { novels: { emma: { author: 'austen' } } },
    })
  })
  afterEach(async () => {
    await gateway?.stop()
    gateway = undefined
    await setUp.remove()
  })

  async function start(more: Parameters<SetUp['open']>[0] = {}) {
    gateway = await setUp.open(more)
    const ports = Object.fromEntries((await gateway.listen()).map(({ name, port }) => [name, port]))
    return { gateway, traffic: ports.traffic ?? 0, management: ports.management ?? 0 }
  }

  it('serves its routes by their policies', async () => {
    const { traffic } = await start()
    const { status, text } = await call(traffic, '/books/emma?card=1234')
    expect(status).to.equal(200)
    expect(JSON.parse(text)).to.deep.equal({
      book: { author: 'austen' },
      query: { card: '[secret]' },
    })
    expect(await call(traffic, '/books/persuasion')).to.include({ status: 404 })
  })

  it('serves each listener its own routes, and says where routes are defined', async () => {
    const { management } = await start()
    const { status, text } = await call(management, '/books/emma')
    expect(status).to.equal(404)
    expect(text).to.contain('gateway.json')
  })

  it('tells its health on the management port only', async () => {
    const { traffic, management } = await start()
    expect(await call(management, '/health/ready')).to.include({ status: 200 })
    expect(await call(traffic, '/health/ready')).to.include({ status: 404 })
  })

  it('mounts in somebody’s own server', async () => {
    gateway = await setUp.open()
    const handle = gateway.handler('traffic')
    const server = createServer((request, response) => {
      handle(request, response, () => response.writeHead(418).end())
    })
    const port = await listen(server)
    expect(await call(port, '/books/emma')).to.include({ status: 200 })
    expect(await call(port, '/other')).to.include({ status: 418 })
    expect(() => gateway?.handler('nobody')).to.throw('there is no listener "nobody"')
    await close(server)
  })

  it('does not start on findings, and touches neither keys nor stores', async () => {
    await setUp.write({ 'policies/lend.json': lendPolicy({ shelf: 'poems' }) })
    const error = await failureOf(setUp.open())
    expect(error).to.be.instanceOf(FindingsError)
    expect(error.message).to.contain('unknown-shelf')
    expect(await failureOf(readFile(setUp.path('keys/ring.json')))).to.have.property(
      'code',
      'ENOENT',
    )
  })

  it('warns of sample data, and refuses them in production', async () => {
    const { lines, log } = recorder()
    await start({ log: { ...log, flush() {} } })
    expect(
      lines.some(({ level, text }) => level === 'warn' && /sample cred/.test(String(text))),
    ).to.equal(true)
    const error = await failureOf(setUp.open({ env: { NODE_ENV: 'production' } }))
    expect(error.message).to.contain('exposed-sample-data')
  })

  it('names sample data that cannot be read', async () => {
    await setUp.write({ 'sample-data.json': '{' })
    expect((await failureOf(setUp.open())).message).to.match(
      /sample-data\.json:1:\d+ malformed-json/,
    )
    await setUp.write({ 'gateway.json': gatewayJson({ sampleData: 'none.json' }) })
    expect((await failureOf(setUp.open())).message).to.contain('unreadable-file')
  })

  it('warns of a store in memory', async () => {
    const { lines, log } = recorder()
    await start({ log: { ...log, flush() {} } })
    expect(lines.some(({ store, level }) => store === 'main' && level === 'warn')).to.equal(true)
  })

  it('opens no port when one of them is taken, and names the variable to change', async () => {
    const other = createServer()
    const port = await listen(other)
    const listeners = { traffic: { port: 0 }, management: { port: `\${env.MY_PORT}` } }
    await setUp.write({ 'gateway.json': gatewayJson({ listeners }) })
    const opened = await setUp.open({ env: { MY_PORT: String(port) } })
    const error = await failureOf(opened.listen())
    expect(error.message).to.contain(String(port)).and.contain('set MY_PORT to another')
    await close(other)
  })

  it('lets one process at a time hold an embedded store', async () => {
    const stores = { main: { adapter: 'lmdb', path: 'data' } }
    await setUp.write({ 'gateway.json': gatewayJson({ stores }) })
    await start()
    const error = await failureOf(setUp.open())
    expect(error.name).to.equal('StoreHeld')
  })

  it('keeps what it was given over a restart', async () => {
    const stores = { main: { adapter: 'lmdb', path: 'data' } }
    await setUp.write({ 'gateway.json': gatewayJson({ stores, sampleData: 'sample-data.json' }) })
    await (await start()).gateway.stop()
    await setUp.write({ 'gateway.json': gatewayJson({ stores }) })
    const { traffic } = await start()
    expect(await call(traffic, '/books/emma')).to.include({ status: 200 })
  })

  it('removes expired records while it serves', async () => {
    const stores = { main: { adapter: 'memory' } }
    const shelves = { novels: { store: 'main', purgeEvery: 1 } }
    await setUp.write({
      'gateway.json': gatewayJson({ stores, shelves, sampleData: 'sample-data.json' }),
      'sample-data.json': { novels: { brief: { until: Date.now() + 1500 } } },
    })
    const { lines, log } = recorder()
    await start({ log: { ...log, flush() {} } })
    while (!lines.some(({ removed }) => removed === 1)) await pause()
  })

  it('finishes running requests before it has stopped, and is not ready meanwhile', async () => {
    await setUp.write({ 'policies/lend.json': lendPolicy({ shelf: 'novels', wait: 300 }) })
    const { lines, log } = recorder()
    const { gateway, traffic, management } = await start({ log: { ...log, flush() {} } })
    const running = call(traffic, '/books/emma')
    await pause()
    const stopping = gateway.stop()
    expect(await call(management, '/health/ready')).to.include({ status: 503 })
    const { status, headers } = await running
    expect(status).to.equal(200)
    expect(headers.connection).to.equal('close')
    await stopping
    await gateway.stop()
    expect((await failureOf(call(traffic, '/books/emma'))).message).to.contain('ECONNREFUSED')
    expect(lines.filter(({ text }) => text === 'request')).to.have.length(1)
  })

  it('finishes running requests in somebody’s own server before it closes its stores', async () => {
    const stores = { main: { adapter: 'lmdb', path: 'data' } }
    await setUp.write({
      'gateway.json': gatewayJson({ stores, sampleData: 'sample-data.json' }),
      'policies/lend.json': lendPolicy({ shelf: 'novels', wait: 300 }),
    })
    gateway = await setUp.open()
    const server = createServer(gateway.handler('traffic'))
    const port = await listen(server)
    const received = new Promise((resolve) => server.once('request', resolve))
    const running = call(port, '/books/emma')
    await received
    await gateway.stop()
    expect(await running).to.include({ status: 200 })
    await close(server)
  })

  it('listens once, and not after it was stopped', async () => {
    const { gateway } = await start()
    const ports = openPorts()
    expect((await failureOf(gateway.listen())).message).to.contain('listens already')
    expect(openPorts()).to.equal(ports)
    await gateway.stop()
    expect((await failureOf(gateway.listen())).message).to.contain('is stopped')
    await portsClosed(ports - 2)
  })

  it('leaves no port open when it is stopped while it opens them', async () => {
    const ports = openPorts()
    gateway = await setUp.open()
    const listening = failureOf(gateway.listen())
    await gateway.stop()
    await portsClosed(ports)
    expect((await listening).message).to.contain('was stopped')
  })

  it('lets no policy take longer than the operator allows', async () => {
    await setUp.write({
      'gateway.json': gatewayJson({ limits: { policyTime: 20 } }),
      'policies/lend.json': lendPolicy({ shelf: 'novels', wait: 60_000 }),
    })
    const { traffic } = await start()
    expect(await call(traffic, '/books/emma')).to.include({ status: 503 })
  })
})

const openPorts = () =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length

/** A port is closed a moment after nobody can reach it any more. */
async function portsClosed(left: number): Promise<void> {
  while (openPorts() > left) await pause()
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20))

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}
