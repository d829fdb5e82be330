import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Answer } from '../conformance/requirement.ts'
import {
  isActive,
  issueToken,
  makeQuickstart,
  type Quickstart,
  type RunningGateway,
  type ServerStore,
  walk,
} from './server-store.ts'

/** Milliseconds within which whoever waits has to be told. */
const LONGEST_ANSWER = 5000
/** Asked at once, and again while it lasts. */
const AT_ONCE = 5
const TURNS = 2

/** What a gateway does while the server of its store is gone, and afterwards. */
export function itSurvivesOutages(store: () => ServerStore): void {
  let quickstart: Quickstart

  beforeEach(async () => {
    quickstart = await makeQuickstart(await store().newEntry())
  })
  afterEach(() => quickstart.remove())

  const outages = {
    frozen: { begin: () => store().server.freeze(), end: () => store().server.thaw() },
    killed: { begin: () => store().server.kill(), end: () => store().server.start() },
    stopped: { begin: () => store().server.stop(), end: () => store().server.start() },
  }

  for (const [how, { begin, end }] of Object.entries(outages)) {
    it(`answers 503 while the server is ${how}, never a wrong answer, and goes on afterwards`, async () => {
      const gateway = await quickstart.start()
      const [living, doubtful, revoked] = [
        await issueToken(gateway),
        await issueToken(gateway),
        await issueToken(gateway),
      ]
      expect((await gateway.revoke(revoked)).status).to.equal(200)

      await begin()
      for (let turn = 0; turn < TURNS; turn++) {
        const asked = Array.from({ length: AT_ONCE }, () => [
          soon(gateway.introspect(living)),
          soon(gateway.introspect(revoked)),
          soon(gateway.revoke(doubtful)),
          soon(gateway.issue()),
        ])
        for (const answer of await Promise.all(asked.flat())) expectOutage(answer)
      }
      expect((await soon(gateway.readiness())).status).to.equal(503)
      await end()

      await gateway.untilReady()
      expect(await isActive(gateway, living)).to.equal(true)
      expect(await isActive(gateway, revoked)).to.equal(false)
      expect((await gateway.revoke(doubtful)).status).to.equal(200)
      expect(await isActive(gateway, doubtful)).to.equal(false)
      await walk(gateway)
      expect(await gateway.end('SIGTERM')).to.equal(0)
    }).timeout(120_000)
  }

  it('starts while the server is down, says so, and becomes ready by itself', async () => {
    await store().server.stop()
    const gateway = await quickstart.start()
    await expectClosed(gateway)
    await store().server.start()
    await gateway.untilReady()
    await walk(gateway)
    expect(await gateway.end('SIGTERM')).to.equal(0)
  }).timeout(60_000)

  it('ends in order though the server never came', async () => {
    await store().server.stop()
    const gateway = await quickstart.start()
    expect(await gateway.end('SIGTERM')).to.equal(0)
  }).timeout(60_000)

  it('tells at the command line that the server is down', async () => {
    await store().server.stop()
    const { code, stderr } = await quickstart.run(['store', 'status'], {})
    expect(code).to.equal(1)
    expect(stderr).to.contain("the store 'main' did not answer")
  }).timeout(60_000)

  it('stays closed where it turns out late that its keys are others', async () => {
    const right = await quickstart.start()
    const token = await issueToken(right)
    await right.end('SIGTERM')
    await store().server.stop()
    const wrong = await quickstart.start({ keys: 'other-keys' })
    await store().server.start()
    while (!wrong.output().includes('another key ring')) await sleep(20)
    await expectClosed(wrong)
    expect((await wrong.readiness()).text).to.contain('another key ring')
    expect(await wrong.end('SIGTERM')).to.equal(0)

    const again = await quickstart.start()
    expect(await isActive(again, token)).to.equal(true)
  }).timeout(60_000)
}

async function expectClosed(gateway: RunningGateway): Promise<void> {
  expectOutage(await soon(gateway.issue()))
  expectOutage(await soon(gateway.introspect('unknown')))
  expectOutage(await soon(gateway.revoke('unknown')))
  const metadata = '/.well-known/oauth-authorization-server'
  expectOutage(await soon(gateway.peer.send(metadata, { method: 'GET' })))
  expect((await soon(gateway.readiness())).status).to.equal(503)
}

function expectOutage({ status, headers, text }: Answer): void {
  expect(status, text).to.equal(503)
  expect(Number(headers.get('retry-after'))).to.be.greaterThan(0)
}

async function soon(answer: Promise<Answer>): Promise<Answer> {
  const start = performance.now()
  const given = await answer
  expect(performance.now() - start).to.be.below(LONGEST_ANSWER)
  return given
}
