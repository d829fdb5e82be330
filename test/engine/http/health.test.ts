import { createServer, type Server } from 'node:http'
import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { healthHandler, type Patient } from '../../../engine/http/health.ts'
import { call, close, listen } from './demo.ts'

const well: Patient = { health: async () => ({ reachable: true, roundTrip: 1 }) }
const gone: Patient = {
  health: async () => ({ reachable: false, roundTrip: 0, problem: 'connection refused' }),
}
const full: Patient = {
  health: async () => ({ reachable: true, roundTrip: 1, problem: 'the disk is full' }),
}
const broken: Patient = {
  health: async () => {
    throw new Error('no such host')
  },
}
const mute: Patient = { health: () => new Promise(() => {}) }

describe('the health', () => {
  const stores = new Map<string, Patient>()
  let draining = false
  let server: Server
  let port: number

  before(async () => {
    const handle = healthHandler({ stores, isDraining: () => draining })
    server = createServer((request, response) => {
      handle(request, response, () => response.writeHead(418).end())
    })
    port = await listen(server)
  })
  beforeEach(() => {
    draining = false
    stores.clear()
    stores.set('main', well)
  })
  after(() => close(server))

  const ready = async () => {
    const { status, text } = await call(port, '/health/ready')
    return [status, JSON.parse(text)]
  }

  it('is live as long as it answers', async () => {
    stores.set('main', gone)
    draining = true
    expect(await call(port, '/health/live')).to.include({ status: 200, text: '{"status":"live"}' })
  })

  it('is ready when all stores are well', async () => {
    expect(await ready()).to.deep.equal([200, { status: 'ready' }])
  })

  it('is not ready without one of its stores, and names it', async () => {
    stores.set('other', gone)
    stores.set('third', broken)
    expect(await ready()).to.deep.equal([
      503,
      { status: 'not-ready', problems: { other: 'connection refused', third: 'no such host' } },
    ])
  })

  it('is not ready while a store answers, but has a problem', async () => {
    stores.set('main', full)
    expect(await ready()).to.deep.equal([
      503,
      { status: 'not-ready', problems: { main: 'the disk is full' } },
    ])
  })

  it('is not ready when a store does not answer at all', async () => {
    stores.set('main', mute)
    expect(await ready()).to.deep.equal([
      503,
      { status: 'not-ready', problems: { main: 'no answer within 1000 ms' } },
    ])
  })

  it('is not ready while draining', async () => {
    draining = true
    expect(await ready()).to.deep.equal([503, { status: 'draining' }])
  })

  it('answers HEAD and no other method', async () => {
    expect(await call(port, '/health/ready', { method: 'HEAD' })).to.include({
      status: 200,
      text: '',
    })
    expect(await call(port, '/health/ready', { method: 'POST' })).to.include({ status: 418 })
    expect(await call(port, '/health/live?verbose')).to.include({ status: 200 })
  })

  it('leaves every other path alone', async () => {
    expect(await call(port, '/health')).to.include({ status: 418 })
  })

  it('names no store to strangers', async function () {
    const address = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
    if (!address) return this.skip()
    const handle = healthHandler({ stores: new Map([['main', gone]]), isDraining: () => false })
    const open = createServer((request, response) => handle(request, response))
    await new Promise<void>((resolve) => open.listen(0, address, resolve))
    const { port: openPort } = open.address() as { port: number }
    const response = await fetch(`http://${address}:${openPort}/health/ready`)
    expect([response.status, await response.json()]).to.deep.equal([503, { status: 'not-ready' }])
    await close(open)
  })
})
