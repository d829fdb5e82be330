import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import {
  isActive,
  issueToken,
  makeQuickstart,
  type Quickstart,
  type RunningGateway,
  type ServerStore,
  walk,
} from './server-store.ts'

const STALE_ROUNDS = Number(process.env.SALLYPORT_STALE_ROUNDS ?? 100)
const KILL_ROUNDS = Number(process.env.SALLYPORT_KILL_ROUNDS ?? 3)
const CLIENTS = 8

/** What one gateway, several workers and several gateways do on one store. */
export function itServesTogether(store: () => ServerStore): void {
  let quickstart: Quickstart

  beforeEach(async () => {
    quickstart = await makeQuickstart(await store().newEntry())
  })
  afterEach(() => quickstart.remove())

  it('issues, introspects and revokes by another entry under "stores" alone', async () => {
    const gateway = await quickstart.start()
    await walk(gateway)
    expect(await gateway.end('SIGTERM')).to.equal(0)
  }).timeout(60_000)

  it('does so with 4 workers, each of which serves', async () => {
    const gateway = await quickstart.start({ workers: 4 })
    await untilServing(gateway, 4)
    await Promise.all(Array.from({ length: 40 }, () => walk(gateway)))
    expect(await gateway.end('SIGTERM')).to.equal(0)
    const busy = linesOf(gateway).filter(({ msg }) => msg === 'request')
    expect([...new Set(busy.map(({ worker }) => worker))].sort()).to.deep.equal([1, 2, 3, 4])
    expect(gateway.output().match(/^traffic: /gm)).to.have.length(1)
  }).timeout(60_000)

  it('replaces a worker that dies, and goes on meanwhile', async () => {
    const gateway = await quickstart.start({ workers: 2 })
    await untilServing(gateway, 2)
    const token = await issueToken(gateway)
    const [first] = servingOf(gateway)
    process.kill(Number(first?.pid), 'SIGKILL')
    await untilServing(gateway, 3)
    expect(linesOf(gateway).find(({ died }) => died === first?.serves)).to.include({
      signal: 'SIGKILL',
    })
    const fresh = await Promise.all(Array.from({ length: 20 }, () => issueToken(gateway)))
    for (const each of [token, ...fresh]) expect(await isActive(gateway, each)).to.equal(true)
    expect(await gateway.end('SIGTERM')).to.equal(0)
  }).timeout(60_000)

  for (const count of [2, 3]) {
    it(`lets none of ${count} gateways say what is no longer true, ${STALE_ROUNDS} times`, async () => {
      const gateways = await Promise.all(Array.from({ length: count }, () => quickstart.start()))
      let left = STALE_ROUNDS
      const ask = async () => {
        while (left-- > 0) await revokeHereAskThere(gateways, left)
      }
      await Promise.all(Array.from({ length: CLIENTS }, ask))
      for (const gateway of gateways) expect(await gateway.end('SIGTERM')).to.equal(0)
    }).timeout(60_000 + STALE_ROUNDS * 100)
  }

  it(`keeps every answer it gave, though it and the server are killed ${KILL_ROUNDS} times`, async () => {
    const ledger = new Ledger()
    let gateway = await quickstart.start()
    for (let round = 0; round < KILL_ROUNDS; round++) {
      const current = gateway
      let over = false
      const isOver = () => over
      const work = Array.from({ length: CLIENTS }, () => ledger.fill(current, isOver))
      await sleep(50 + Math.random() * 300)
      if (round % 3 !== 1) await store().server.kill()
      if (round % 3 !== 0) await current.end('SIGKILL')
      await store().server.start()
      if (round % 3 === 0) await sleep(Math.random() * 300)
      over = true
      await Promise.all(work)
      if (round % 3 !== 0) gateway = await quickstart.start()
      await gateway.untilReady()
      await ledger.checkLast(gateway)
    }
    await ledger.checkAll(gateway)
    expect(await gateway.end('SIGTERM')).to.equal(0)
  }).timeout(60_000 + KILL_ROUNDS * 20_000)
}

async function revokeHereAskThere(gateways: readonly RunningGateway[], round: number) {
  const [here, ...others] = gateways.map((_, n) => gateways[(n + round) % gateways.length])
  if (here === undefined) throw new Error('unreachable')
  const token = await issueToken(here)
  const ask = () => Promise.all(others.map((each) => isActive(each as RunningGateway, token)))
  // Asked before, so that whatever one remembers it remembers as alive.
  expect(await ask()).to.deep.equal(others.map(() => true))
  expect((await here.revoke(token)).status).to.equal(200)
  expect(await ask()).to.deep.equal(others.map(() => false))
}

/** What was answered 200, and so has been promised. */
class Ledger {
  private readonly alive: string[] = []
  private readonly revoked: string[] = []
  private checked = { alive: 0, revoked: 0 }

  /** Issues and revokes until it is over, or the gateway is gone. What got another answer may be done or not. */
  async fill(gateway: RunningGateway, isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn++) {
      const issued = await gateway.issue().catch(() => undefined)
      if (issued === undefined) return
      if (issued.status === 503) continue
      expect(issued.status).to.equal(200)
      const token = String(issued.json.access_token)
      if (turn % 4 === 0) {
        this.alive.push(token)
        continue
      }
      const answer = await gateway.revoke(token).catch(() => undefined)
      if (answer === undefined) return
      expect(answer.status).to.be.oneOf([200, 503])
      if (answer.status === 200) this.revoked.push(token)
    }
  }

  async checkLast(gateway: RunningGateway): Promise<void> {
    await this.check(gateway, this.checked)
    this.checked = { alive: this.alive.length, revoked: this.revoked.length }
  }

  async checkAll(gateway: RunningGateway): Promise<void> {
    expect(this.alive).not.to.deep.equal([])
    expect(this.revoked).not.to.deep.equal([])
    await this.check(gateway, { alive: 0, revoked: 0 })
  }

  private async check(gateway: RunningGateway, from: { alive: number; revoked: number }) {
    for (const token of this.alive.slice(from.alive)) {
      expect(await isActive(gateway, token), 'an issued token is lost').to.equal(true)
    }
    for (const token of this.revoked.slice(from.revoked)) {
      expect(await isActive(gateway, token), 'a revocation is undone').to.equal(false)
    }
  }
}

type Line = Readonly<Record<string, unknown>>

function linesOf(gateway: RunningGateway): readonly Line[] {
  const lines = gateway.output().split('\n')
  return lines.filter((line) => /^{.*}$/.test(line)).map((line) => JSON.parse(line))
}

/** What tells of workers that serve: `serves` is the number, `pid` the process. */
function servingOf(gateway: RunningGateway): readonly Line[] {
  return linesOf(gateway).filter(({ serves }) => serves !== undefined)
}

async function untilServing(gateway: RunningGateway, count: number): Promise<void> {
  while (servingOf(gateway).length < count) await sleep(20)
}
