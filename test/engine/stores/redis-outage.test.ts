import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Connection, StoreAdapter } from '../../../engine/stores/contract.ts'
import { connect } from '../../../engine/stores/redis.ts'
import { openStore } from '../../../engine/stores/store.ts'
import { useRedis } from '../../support/redis.ts'

const text = (value: object) => JSON.stringify({ value })

/** Short, so that the tests are. */
const DEADLINE = 400

describe('Redis that does not answer', () => {
  const server = useRedis()
  const connections: Connection[] = []

  async function open(deadline = DEADLINE): Promise<Connection> {
    const connection = await connect({ url: server().url, deadline })
    connections.push(connection)
    return connection
  }

  afterEach(async () => {
    server().thaw()
    for (const connection of connections.splice(0)) await connection.close()
  })

  const calls: Readonly<Record<string, (store: StoreAdapter) => unknown>> = {
    get: (store) => store.get('a'),
    getMany: (store) => store.getMany(['a', 'b']),
    set: (store) => store.set('a', text({ owner: 'ghost' })),
    delete: (store) => store.delete('a'),
    update: (store) => store.update('a', () => ({ text: text({ owner: 'ghost' }) })),
    find: (store) => store.find('owner', 'john', { limit: 1, total: true }),
    scan: (store) => store.scan(undefined, 1),
    purgeExpired: (store) => store.purgeExpired(1),
    size: (store) => store.size(),
    clear: (store) => store.clear(),
  }

  /** How each call ended; `hung` where it did not within ten deadlines. */
  async function endsOf(store: StoreAdapter): Promise<Readonly<Record<string, string>>> {
    const ends = Object.entries(calls).map(async ([name, call]) => {
      const end = Promise.resolve(call(store)).then(
        () => 'answered',
        () => 'failed',
      )
      const late = sleep(10 * DEADLINE, 'hung', { ref: false })
      return [name, await Promise.race([end, late])] as const
    })
    return Object.fromEntries(await Promise.all(ends))
  }

  const allFail = Object.fromEntries(Object.keys(calls).map((name) => [name, 'failed']))

  it('fails every call when it dies, and goes on by itself with all that it acknowledged', async () => {
    const store = (await open()).collection('dies', { indexes: ['owner'] })
    await store.set('a', text({ owner: 'john' }))
    await server().kill()
    expect(await endsOf(store)).to.deep.equal(allFail)
    await server().start()
    await answers(store)
    expect(await store.get('a')).to.equal(text({ owner: 'john' }))
    await store.update('a', () => ({ text: text({ owner: 'jane' }) }))
    expect((await store.find('owner', 'jane', { limit: 1 })).items).to.have.length(1)
  })

  it('forgets nothing that it acknowledged, however often it is killed', async () => {
    const store = (await open()).collection('killed', { indexes: ['owner'] })
    const acknowledged = new Map<string, string>()
    let stopped = false
    const write = async (writer: number) => {
      for (let n = 0; !stopped; n++) {
        const [key, owner] = [`${writer}-${n % 50}`, `owner-${n}`]
        acknowledged.delete(key)
        const end = await endOf(() => store.update(key, () => ({ text: text({ owner }) })))
        if (end === 'answered') acknowledged.set(key, owner)
        else await sleep(10)
      }
    }
    const writers = [0, 1, 2, 3].map(write)
    for (let round = 0; round < 10; round++) {
      await sleep(60)
      await server().kill()
      await server().start()
      await answers(store)
    }
    stopped = true
    await Promise.all(writers)
    expect(acknowledged.size).to.be.greaterThan(0)
    for (const [key, owner] of acknowledged) {
      expect(await store.get(key)).to.equal(text({ owner }))
      const { items } = await store.find('owner', owner, { limit: 1000 })
      expect(items.map((item) => item.key)).to.include(key)
    }
  })

  it('fails every call when it stands still, and does none of them once it goes on', async () => {
    const store = (await open()).collection('stands', { indexes: ['owner'] })
    // A script that the server does not know yet would not be run anyway.
    await endsOf(store)
    await store.clear()
    await store.set('a', text({ owner: 'john' }))
    server().freeze()
    expect(await endsOf(store)).to.deep.equal(allFail)
    server().thaw()
    await answers(store)
    expect(await store.get('a')).to.equal(text({ owner: 'john' }))
    expect(await store.size()).to.include({ records: 1 })
  })

  it('notices that it stands still while nobody asks anything', async () => {
    const connection = await open()
    const store = connection.collection('idle', { indexes: [] })
    server().freeze()
    await sleep(3 * DEADLINE)
    const start = performance.now()
    expect(await endOf(() => store.get('a'))).to.match(/cannot be reached/)
    expect(performance.now() - start).to.be.lessThan(DEADLINE)
  })

  it('answers for its health within a second, whatever has become of it', async () => {
    const connection = await open(5000)
    const healthy = await connection.health()
    expect(healthy).to.include({ reachable: true })
    expect(healthy).not.to.have.property('problem')
    server().freeze()
    const start = performance.now()
    const frozen = await connection.health()
    expect(performance.now() - start).to.be.lessThan(1500)
    expect(frozen).to.include({ reachable: false })
    server().thaw()
    await server().stop()
    expect((await connection.health()).problem).to.match(/cannot be reached/)
    await server().start()
    await until(async () => (await connection.health()).reachable)
  })

  it('may be started later than the gateway', async () => {
    await server().stop()
    const connection = await open()
    const store = connection.collection('later', { indexes: ['owner'] })
    expect(await endOf(() => store.get('a'))).to.match(/cannot be reached: .*ECONNREFUSED/)
    expect(await connection.health()).to.include({ reachable: false })
    await server().start()
    await until(async () => (await connection.health()).reachable)
    await store.set('a', text({ owner: 'john' }))
    expect((await store.find('owner', 'john', { limit: 1 })).items).to.have.length(1)
  })

  it('reads as an outage in the house, and never as an absent record', async () => {
    const adapter = (await open()).collection('house', { indexes: [] })
    const store = openStore(adapter, { name: 'house', deadline: DEADLINE })
    await store.set('a', { owner: 'john' })
    for (const harm of [() => server().freeze(), () => server().kill()]) {
      await harm()
      const reason = await store.get('a').then(String, (error: Error) => error.name)
      expect(reason).to.equal('Unavailable')
    }
    await server().start()
  })

  it('lets nobody write while it has no memory, and lets everybody delete', async () => {
    const connection = await open()
    const store = connection.collection('full', { indexes: ['owner'] })
    const long = 'x'.repeat(100_000)
    for (let n = 0; n < 20; n++) await store.set(`k${n}`, text({ owner: 'john', long }))
    server().command('config', 'set', 'maxmemory', '2mb')
    expect(await endOf(() => store.set('more', text({ owner: 'jane', long })))).to.match(/^OOM/)
    expect((await connection.health()).problem).to.match(/^OOM/)
    expect(await store.get('more')).to.equal(undefined)
    expect((await store.find('owner', 'jane', { limit: 1, total: true })).total).to.equal(0)
    expect(await store.delete('k0')).to.equal(true)
    server().command('config', 'set', 'maxmemory', '0')
    await store.set('more', text({ owner: 'jane' }))
    expect(await connection.health()).not.to.have.property('problem')
  })

  it('is not asked while it is a replica, which may be behind', async () => {
    const connection = await open()
    const store = connection.collection('replica', { indexes: [] })
    await store.set('a', text({}))
    server().command('replicaof', '127.0.0.1', '1')
    await until(async () => (await endOf(() => store.set('a', text({})))).includes('a replica'))
    expect(await endOf(() => store.get('a'))).to.contain('a replica')
    server().command('replicaof', 'no', 'one')
    await answers(store)
    await store.set('a', text({ n: 1 }))
  })

  it('forgets scripts when it is told to, and is told them again', async () => {
    const store = (await open()).collection('scripts', { indexes: ['owner'] })
    await store.set('a', text({ owner: 'john' }))
    server().command('script', 'flush')
    expect((await store.find('owner', 'john', { limit: 1 })).items).to.have.length(1)
    await store.update('a', () => ({ text: text({ owner: 'jane' }) }))
    server().command('flushall')
    await store.set('a', text({ owner: 'john' }))
    expect((await store.find('owner', 'john', { limit: 1 })).items).to.have.length(1)
  })

  it('is asked for nothing more once it has been closed', async () => {
    const connection = await open()
    const store = connection.collection('closed', { indexes: [] })
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`)
    const writes = keys.map((key) => store.set(key, text({})))
    await sleep(0)
    await connection.close()
    await Promise.all(writes)
    expect(await endOf(() => store.get('a'))).to.contain('closed')
    const again = (await open()).collection('closed', { indexes: [] })
    expect((await again.getMany(keys)).filter((each) => each === undefined)).to.deep.equal([])
  })

  it('never has its password repeated', async () => {
    const [here] = [server()]
    const url = `redis://nobody:the-password-of-nobody@127.0.0.1:${here.port}/0`
    const connection = await connect({ url, deadline: DEADLINE })
    connections.push(connection)
    const problem = (await connection.health()).problem ?? ''
    expect(problem).to.match(/WRONGPASS/)
    expect(problem).not.to.contain('the-password')
    for (const wrong of ['http://a:the-password@b', 'redis://a:the-password@b/c/d']) {
      const message = await endOf(() => connect({ url: wrong, deadline: DEADLINE }))
      expect(message).to.contain('cannot be read').and.not.contain('the-password')
    }
  })
})

async function endOf(call: () => unknown): Promise<string> {
  try {
    await call()
    return 'answered'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function answers(store: StoreAdapter): Promise<void> {
  await until(async () => (await endOf(() => store.size())) === 'answered')
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000
  while (!(await condition())) {
    expect(Date.now()).to.be.lessThan(end)
    await sleep(20)
  }
}
