import { expect } from 'chai'
import { Unavailable } from '../../../engine/policy/fault.ts'
import type { Connection, StoreAdapter } from '../../../engine/stores/contract.ts'
import { connect } from '../../../engine/stores/memory.ts'
import { openStore, type Store } from '../../../engine/stores/store.ts'
import { openStoreLock, type StoreLock } from '../../../engine/stores/store-lock.ts'

describe('the lock of a store', () => {
  let connection: Connection
  let lock: StoreLock
  let store: Store<{ readonly n: number }>

  beforeEach(async () => {
    connection = await connect({ adapter: 'memory', deadline: 3000 })
    lock = openStoreLock('main', connection)
    store = openStore(connection.collection('things', { indexes: ['n'] }), { name: 'things', lock })
    await store.set('old', { n: 1 })
  })

  async function failureOf(work: Promise<unknown>): Promise<unknown> {
    return work.then(
      () => undefined,
      (error) => error,
    )
  }

  const writes: Readonly<Record<string, () => Promise<unknown>>> = {
    set: () => store.set('new', { n: 2 }),
    delete: () => store.delete('old'),
    update: () => store.update('old', () => ({ n: 2 })),
    purgeExpired: () => store.purgeExpired(1),
  }
  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    get: () => store.get('old'),
    getMany: () => store.getMany(['old']),
    find: () => store.find('n', '1', { limit: 1 }),
    scan: () => store.scan(undefined, 1),
  }

  for (const [name, write] of Object.entries(writes)) {
    it(`refuses ${name} while the store is locked, and says when to come again`, async () => {
      await lock.set('locked')
      const failure = await failureOf(write())
      expect(failure).to.be.instanceOf(Unavailable)
      expect(failure).to.include({ retryAfter: 10 })
      expect(await store.get('old')).to.deep.equal({ n: 1 })
      await lock.release()
      await write()
    })
  }

  for (const [name, read] of Object.entries(reads)) {
    it(`lets ${name} go on while the store is locked, and refuses it where a copy is unfinished`, async () => {
      await lock.set('locked')
      expect(await failureOf(read())).to.equal(undefined)
      await lock.set('unfinished')
      expect(await failureOf(read())).to.be.instanceOf(Unavailable)
    })
  }

  it('costs no promise where nobody has to be asked', () => {
    expect(lock.beforeWrite()).to.equal(undefined)
    expect(lock.beforeRead()).to.equal(undefined)
  })

  it('stands in the store, for whoever opens it', async () => {
    const { since } = await lock.set('locked')
    const other = openStoreLock('main', connection)
    expect(await other.look()).to.deep.equal({ state: 'locked', since })
    expect(() => other.beforeWrite()).to.throw(Unavailable, 'locked')
  })
})

/** A server that several processes use: its answers can be held up and can fail. */
function asServer(connection: Connection, trouble: { reason?: string }): Connection {
  return {
    ...connection,
    processes: 'many',
    collection(name, options) {
      const adapter: StoreAdapter = connection.collection(name, options)
      const get = async (key: string) => {
        if (trouble.reason) throw new Error(trouble.reason)
        return adapter.get(key)
      }
      return { ...adapter, get }
    },
  }
}

describe('the lock of a store that several processes use', () => {
  it('is not believed open before the store was asked', async () => {
    const trouble = { reason: 'connection refused' }
    const server = asServer(await connect({ adapter: 'memory', deadline: 3000 }), trouble)
    const store = openStore<{ n: number }>(server.collection('things', { indexes: [] }), {
      name: 'things',
      lock: openStoreLock('main', server),
    })
    const failure = await store.set('a', { n: 1 }).catch((error) => error)
    expect(failure).to.be.instanceOf(Unavailable)
    trouble.reason = ''
    await store.set('a', { n: 1 })
    expect(await store.get('a')).to.deep.equal({ n: 1 })
  })

  it('is heard of by another process, within the time that it tells', async () => {
    const server = asServer(await connect({ adapter: 'memory', deadline: 3000 }), {})
    const mine = openStoreLock('main', server, 50)
    const theirs = openStoreLock('main', server, 50)
    await theirs.beforeWrite()
    expect(theirs.beforeWrite()).to.equal(undefined)
    await mine.set('locked')
    const end = performance.now() + mine.settledIn
    while (performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 100))
    const failure = await (async () => theirs.beforeWrite())().catch((error) => error)
    expect(failure).to.be.instanceOf(Unavailable)
  })

  it('is asked again before a write where the last answer is old, and outages are told', async () => {
    const trouble: { reason?: string } = {}
    const server = asServer(await connect({ adapter: 'memory', deadline: 3000 }), trouble)
    const lock = openStoreLock('main', server, 50)
    await lock.beforeWrite()
    trouble.reason = 'connection refused'
    await new Promise((resolve) => setTimeout(resolve, lock.settledIn))
    const failure = await (async () => lock.beforeWrite())().catch((error) => error)
    expect(failure).to.be.instanceOf(Unavailable)
    expect(String(failure)).to.include('connection refused')
  })
})
