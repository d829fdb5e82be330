import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import type { Client } from '../../oauth/records.ts'
import { adapters, type OAuth, openOAuth } from './open-oauth.ts'

/** Seconds after which what ended is swept. */
const SETTLED = 60
/** Seconds after which a sweeper that is heard of no more has crashed. */
const CRASHED = 60

async function issue(oauth: OAuth, client: Client, count: number, owner?: string) {
  const authorization = owner === undefined ? undefined : await oauth.authorize(client, owner, [])
  const texts: string[] = []
  for (let n = 0; n < count; n++) {
    const request = { kind: 'access', client, authorization, scopes: [], lifetime: 3600 } as const
    texts.push((await oauth.store.issue(request)).token.reveal())
  }
  return texts
}

async function countKept(oauth: OAuth): Promise<number> {
  return (await oauth.records.tokens.scan(undefined, 1000)).length
}

async function countLiving(oauth: OAuth, texts: readonly string[]): Promise<number> {
  const found = await Promise.all(texts.map((text) => oauth.store.lookUp(text)))
  return found.filter(({ alive }) => alive).length
}

for (const [adapter, use] of Object.entries(adapters)) {
  describe(`A sweep on ${adapter}`, () => {
    const place = use()
    let oauth: OAuth
    let client: Client
    beforeEach(async () => {
      oauth = await openOAuth({ place })
      client = await oauth.register({ clientId: 'app' })
    })
    afterEach(() => oauth?.close())

    it('removes the tokens of a client that is gone, and no others', async () => {
      const other = await oauth.register({ clientId: 'other', applicationId: 'app' })
      await issue(oauth, client, 45)
      await issue(oauth, client, 5, 'john')
      const living = [
        ...(await issue(oauth, other, 10)),
        ...(await issue(oauth, other, 10, 'john')),
      ]
      await oauth.registry.remove('app')
      oauth.wait(SETTLED)
      expect(await oauth.sweeper.sweep(1000)).to.equal(50)
      expect(await countKept(oauth)).to.equal(20)
      expect(await countLiving(oauth, living)).to.equal(20)
    })

    it('leaves what was issued to the client since it was made anew, or taken back', async () => {
      const renewals = [
        () => oauth.registry.replace({ clientId: 'app', type: 'confidential' }),
        () => oauth.registry.restore(client),
      ]
      for (const renew of renewals) {
        await issue(oauth, (await oauth.registry.find('app')) ?? client, 15)
        await renew()
        const anew = await oauth.registry.find('app')
        const living = await issue(oauth, anew ?? client, 15)
        oauth.wait(SETTLED)
        expect(await oauth.sweeper.sweep(1000)).to.be.at.least(15)
        expect(await countLiving(oauth, living)).to.equal(15)
        expect(await countKept(oauth)).to.equal(15)
      }
    })

    it('removes the tokens of an authorization that is revoked, and none of its successor', async () => {
      await issue(oauth, client, 25, 'john')
      const janes = await issue(oauth, client, 5, 'jane')
      await oauth.store.authorizations.revoke('app', 'john')
      const living = [...janes, ...(await issue(oauth, client, 5, 'john'))]
      oauth.wait(SETTLED)
      expect(await oauth.sweeper.sweep(1000)).to.equal(25)
      expect(await countLiving(oauth, living)).to.equal(10)
      expect(await countKept(oauth)).to.equal(10)
    })

    it('removes about as many as it is asked for, and goes on where it was', async () => {
      for (const owner of ['john', 'jane', 'jim']) {
        await issue(oauth, client, 20, owner)
        await oauth.store.authorizations.revoke('app', owner)
      }
      oauth.wait(SETTLED)
      for (const kept of [48, 36, 24, 12, 0]) {
        expect(await oauth.sweeper.sweep(12)).to.equal(12)
        expect(await countKept(oauth)).to.equal(kept)
      }
      expect(await oauth.sweeper.sweep(12)).to.equal(0)
      const left = (await oauth.sweeps.scan(undefined, 10)).map(({ key }) => key)
      expect(left).to.deep.equal(['lease'])
    })

    it('goes on, after its store failed it, where the one before it was', async () => {
      await issue(oauth, client, 50)
      await oauth.registry.remove('app')
      oauth.wait(SETTLED)
      const { tokens } = oauth.records
      const { update, find } = tokens
      let updates = 0
      const failing: typeof update = (key, change) =>
        ++updates > 25 ? Promise.reject(new Error('the lights went out')) : update(key, change)
      Object.assign(tokens, { update: failing })
      const attempt = async () => {
        for (;;) await oauth.sweeper.sweep(10)
      }
      expect(await attempt().catch((error: Error) => error.message)).to.equal('the lights went out')
      const cursors: (string | undefined)[] = []
      Object.assign(tokens, {
        update,
        find: ((index, value, page) => {
          cursors.push(page.cursor)
          return find(index, value, page)
        }) satisfies typeof find,
      })
      oauth.wait(CRASHED)
      expect(await oauth.openSweeper().sweep(1000)).to.equal(25)
      expect(cursors[0]).to.be.a('string')
      expect(await countKept(oauth)).to.equal(0)
    })

    it('is done by one at a time, and taken over from who crashed', async () => {
      await issue(oauth, client, 30)
      await oauth.registry.remove('app')
      oauth.wait(SETTLED)
      expect(await oauth.sweeper.sweep(10)).to.equal(10)
      const other = oauth.openSweeper()
      expect(await other.sweep(1000)).to.equal(0)
      oauth.wait(CRASHED)
      expect(await other.sweep(10)).to.equal(10)
      expect(await oauth.sweeper.sweep(1000)).to.equal(0)
      expect(await other.sweep(1000)).to.equal(10)
    })
  })
}

describe('A sweep', () => {
  let oauth: OAuth
  let client: Client
  beforeEach(async () => {
    oauth = await openOAuth({ keepExpired: 100_000 })
    client = await oauth.register({ clientId: 'app' })
  })
  afterEach(() => oauth.close())

  it('waits until no request can still write what it would miss', async () => {
    await issue(oauth, client, 5)
    await oauth.registry.remove('app')
    await issue(oauth, client, 5)
    oauth.wait(SETTLED - 1)
    expect(await oauth.sweeper.sweep(1000)).to.equal(0)
    oauth.wait(1)
    expect(await oauth.sweeper.sweep(1000)).to.equal(10)
  })

  it('leaves what sleeps or may yet begin: of a disabled client, of a family that is not there', async () => {
    const authorization = await oauth.authorize(client, 'john', [])
    const family = 'not-there-yet'
    const request = { kind: 'refresh', client, authorization, scopes: [], lifetime: 3600, family }
    await oauth.store.issue({ ...request, kind: 'refresh' })
    await oauth.registry.setEnabled('app', false)
    oauth.wait(SETTLED)
    expect(await oauth.sweeper.sweep(1000)).to.equal(0)
    expect(await countKept(oauth)).to.equal(1)
  })

  it('leaves what has expired, to be told from what nobody knows', async () => {
    const [text = ''] = await issue(oauth, client, 1)
    await oauth.registry.remove('app')
    oauth.wait(3600)
    expect(await oauth.sweeper.sweep(1000)).to.equal(0)
    expect(await oauth.store.lookUp(text)).to.include({ reason: 'expired' })
  })

  it('leaves the living if whoever announced an end crashed before it, and forgets it in a day', async () => {
    const living = await issue(oauth, client, 5)
    const update = oauth.records.clients.update
    Object.assign(oauth.records.clients, { update: () => Promise.reject(new Error('crashed')) })
    const failure = await oauth.registry.remove('app').catch((error: Error) => error.message)
    Object.assign(oauth.records.clients, { update })
    expect(failure).to.equal('crashed')
    oauth.wait(SETTLED)
    expect(await oauth.sweeper.sweep(1000)).to.equal(0)
    expect(await countLiving(oauth, living)).to.equal(5)
    expect(await oauth.sweeps.scan(undefined, 10)).to.have.length(2)
    oauth.wait(86_400)
    await oauth.sweeper.sweep(1000)
    expect((await oauth.sweeps.scan(undefined, 10)).map(({ key }) => key)).to.deep.equal(['lease'])
  })

  it('is certain before anything ends: where it cannot be noted, nothing does', async () => {
    const living = await issue(oauth, client, 1, 'john')
    const down = () => Promise.reject(new Error('the store is down'))
    const { set } = oauth.sweeps
    Object.assign(oauth.sweeps, { set: down })
    for (const work of [
      () => oauth.registry.remove('app'),
      () => oauth.registry.replace({ clientId: 'app', type: 'confidential' }),
      () => oauth.store.authorizations.revoke('app', 'john'),
    ]) {
      expect(await work().catch((error: Error) => error.message)).to.equal('the store is down')
      expect(await countLiving(oauth, living)).to.equal(1)
    }
    Object.assign(oauth.sweeps, { set })
    expect(await oauth.store.authorizations.revoke('app', 'john')).to.equal(true)
    expect(await countLiving(oauth, living)).to.equal(0)
  })

  it('notes one job for an ending, however much hangs below, and none where nothing ends', async () => {
    await issue(oauth, client, 100, 'john')
    expect(await oauth.store.authorizations.revoke('app', 'jane')).to.equal(false)
    expect(await oauth.registry.remove('nobody')).to.equal(false)
    expect(await oauth.sweeps.scan(undefined, 10)).to.deep.equal([])
    await oauth.store.authorizations.revoke('app', 'john')
    expect(await oauth.sweeps.scan(undefined, 10)).to.have.length(1)
  })

  it('announces each that ends where several are put in the place of one at once', async () => {
    const made = await Promise.all(
      Array.from({ length: 10 }, () =>
        oauth.registry.replace({ clientId: 'app', type: 'confidential' }),
      ),
    )
    const announced = (await oauth.sweeps.scan(undefined, 100)).map(({ key }) => key)
    const current = (await oauth.registry.find('app'))?.epoch
    const ended = [client, ...made.map((one) => one.client)]
      .map(({ epoch }) => epoch)
      .filter((epoch) => epoch !== current)
    expect(announced).to.include.members(ended)
  })

  it('goes on after a sweeper was killed, and in the end the dead are gone', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sallyport-sweep-'))
    const open = () => openOAuth({ place: () => ({ settings: { adapter: 'lmdb', path } }) })
    try {
      const before = await open()
      const doomed = await before.register({ clientId: 'app' })
      const other = await before.register({ clientId: 'other' })
      const living = await issue(before, other, 10)
      for (let n = 0; n < 30; n++) await issue(before, doomed, 10)
      await before.registry.remove('app')
      await before.close()

      const removed = await sweepAndKill(path, before.now() + SETTLED * 1000)
      const after = await open()
      const kept = await countKept(after)
      expect(removed).to.be.at.least(100)
      expect(kept).to.be.within(11, 310 - removed)
      after.wait(SETTLED + CRASHED)
      expect(await after.sweeper.sweep(1000)).to.equal(kept - 10)
      expect(await countLiving(after, living)).to.equal(10)
      await after.close()
    } finally {
      await rm(path, { recursive: true })
    }
  })
})

/** How many it said to have removed before it was killed in the middle. */
async function sweepAndKill(path: string, now: number): Promise<number> {
  const script = join(import.meta.dirname, 'sweep-process.ts')
  const words = ['--import', 'tsx', script, path, String(now)]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let removed = 0
  for await (const line of createInterface({ input: child.stdout })) {
    removed += Number(line)
    if (removed >= 100) child.kill('SIGKILL')
  }
  await ended
  return removed
}
