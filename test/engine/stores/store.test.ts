import { expect } from 'chai'
import { Unavailable } from '../../../engine/policy/fault.ts'
import { KEEP, Misuse, REMOVE, type StoreAdapter } from '../../../engine/stores/contract.ts'
import { connect } from '../../../engine/stores/memory.ts'
import { readTogether } from '../../../engine/stores/read-together.ts'
import { openStore, type StoreOptions } from '../../../engine/stores/store.ts'

type Note = { owner?: string; end?: unknown }

const START = 1_700_000_000_000

async function setUp(options: Partial<StoreOptions> = {}, changes: Partial<StoreAdapter> = {}) {
  const { now = Date.now } = options
  const connection = await connect({ adapter: 'memory', deadline: 3000 }, { now })
  const adapter = { ...connection.collection('notes', { indexes: ['owner'] }), ...changes }
  return { adapter, store: openStore<Note>(adapter, { name: 'notes', ...options }) }
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not fail')
}

const silent = () => new Promise<never>(() => {})

describe('a store', () => {
  it('keeps records as Keyv writes them', async () => {
    const { adapter, store } = await setUp()
    await store.set('a', { owner: 'john' })
    expect(await adapter.get('a')).to.equal('{"value":{"owner":"john"}}')
    expect(await store.get('a')).to.deep.equal({ owner: 'john' })
    expect(await store.get('b')).to.equal(undefined)
    expect(await store.getMany(['b', 'a'])).to.deep.equal([undefined, { owner: 'john' }])
    expect(await store.delete('a')).to.equal(true)
    expect(await store.delete('a')).to.equal(false)
  })

  it('updates a record and gives it before and after', async () => {
    const { store } = await setUp()
    const [john, jane] = [{ owner: 'john' }, { owner: 'jane' }]
    expect(await store.update('a', () => john)).to.deep.equal({ after: john })
    expect(await store.update('a', () => jane)).to.deep.equal({ before: john, after: jane })
    expect(await store.update('a', () => KEEP)).to.deep.equal({ before: jane, after: jane })
    expect(await store.update('a', () => REMOVE)).to.deep.equal({ before: jane })
    expect(await store.update('a', () => KEEP)).to.deep.equal({})
  })

  it('finds and scans records under their keys', async () => {
    const { store } = await setUp()
    for (const key of ['b', 'a']) await store.set(key, { owner: 'john' })
    const [b, a] = ['b', 'a'].map((key) => ({ key, value: { owner: 'john' } }))
    const page = await store.find('owner', 'john', { limit: 1, total: true })
    expect(page).to.deep.include({ items: [b], total: 2 })
    expect(await store.scan(undefined, 2)).to.deep.equal([a, b])
  })

  it('answers "unavailable" when its adapter is silent until the deadline', async () => {
    const { store } = await setUp(
      { deadline: 10 },
      { get: silent, set: silent, update: silent, find: silent, purgeExpired: silent },
    )
    for (const call of [
      store.get('a'),
      store.set('a', {}),
      store.update('a', () => KEEP),
      store.find('owner', 'john', { limit: 1 }),
      store.purgeExpired(1),
    ]) {
      const error = await failure(call)
      expect(error).to.be.instanceOf(Unavailable)
      expect(error.message).to.contain('"notes"').and.contain('10 ms')
    }
  })

  it('answers "unavailable" when its adapter fails, at once or later, and keeps the cause', async () => {
    const cause = new Error('connection refused')
    const { store } = await setUp(
      {},
      {
        get: () => {
          throw cause
        },
        delete: () => Promise.reject(cause),
      },
    )
    for (const call of [store.get('a'), store.delete('a')]) {
      const error = await failure(call)
      expect(error).to.be.instanceOf(Unavailable)
      expect(error.message).to.contain('"notes"').and.contain('connection refused')
      expect(error.cause).to.equal(cause)
    }
  })

  it('is not disturbed by an answer that comes after the deadline', async () => {
    let fail = (_error: Error) => {}
    const late = new Promise<never>((_, reject) => {
      fail = reject
    })
    const { store } = await setUp({ deadline: 5 }, { get: () => late })
    await failure(store.get('a'))
    const unhandled: unknown[] = []
    const listen = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', listen)
    fail(new Error('too late'))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listen)
    expect(unhandled).to.deep.equal([])
  })

  it('starts no timer for an answer that is there at once', async () => {
    const { store } = await setUp()
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')
    const before = timers().length
    const calls = [store.get('a'), store.set('a', {}), store.scan(undefined, 1)]
    expect(timers().length).to.equal(before)
    await Promise.all(calls)
  })

  it('passes on what the function of an update throws, and writes nothing', async () => {
    const { store } = await setUp()
    const mine = new Error('mine')
    const change = () => {
      throw mine
    }
    expect(await failure(store.update('a', change))).to.equal(mine)
    expect(await store.get('a')).to.equal(undefined)
  })

  it('passes on a misuse, which no repetition would mend', async () => {
    const { store } = await setUp()
    const error = await failure(store.find('name', 'john', { limit: 1 }))
    expect(error).to.be.instanceOf(Misuse)
  })

  it('answers for the health of an adapter that does not', async () => {
    const { store } = await setUp({ deadline: 10 }, { health: silent })
    const { reachable, problem } = await store.health()
    expect(reachable).to.equal(false)
    expect(problem).to.contain('10 ms')
  })

  for (const limit of [0, -1, 1001, 1.5, Number.NaN]) {
    it(`refuses a page of ${limit}`, async () => {
      const { store } = await setUp()
      for (const call of [store.find('owner', 'john', { limit }), store.scan(undefined, limit)]) {
        expect(await failure(call)).to.be.instanceOf(RangeError)
      }
    })
  }

  for (const key of ['', 'x'.repeat(513), 'a\0', '\ud800']) {
    it(`has nothing under the key ${JSON.stringify(key.slice(0, 9))}, and takes nothing`, async () => {
      const { store } = await setUp()
      expect(await store.get(key)).to.equal(undefined)
      expect(await store.getMany([key, 'a'])).to.deep.equal([undefined, undefined])
      expect(await store.delete(key)).to.equal(false)
      for (const call of [store.set(key, {}), store.update(key, () => ({}))]) {
        const error = await failure(call)
        expect(error).to.be.instanceOf(RangeError)
        expect(error.message).to.contain('"notes"')
      }
    })
  }

  it('refuses what is no record', async () => {
    const { store } = await setUp()
    for (const value of [Promise.resolve({}), 'text', null]) {
      const error = await failure(store.set('a', value as Note))
      expect(error).to.be.instanceOf(TypeError)
    }
  })
})

describe('a store of records with a lifetime', () => {
  const options = { lifetime: 'end', now: () => START }

  it('lets the adapter forget a record when its life is over, and what it is kept for beyond', async () => {
    for (const [keepExpired, expires] of [
      [0, START + 5],
      [60, START + 60_005],
    ] as const) {
      const { adapter, store } = await setUp({ ...options, keepExpired })
      await store.set('a', { end: START + 5 })
      await store.update('b', () => ({ end: START + 5 }))
      const text = `{"value":{"end":${START + 5}},"expires":${expires}}`
      expect(await adapter.getMany(['a', 'b'])).to.deep.equal([text, text])
    }
  })

  it('keeps a record whose life is over while it is to be kept', async () => {
    const { store } = await setUp({ ...options, keepExpired: 60 })
    await store.set('a', { end: START - 59_000 })
    expect(await store.get('a')).to.deep.equal({ end: START - 59_000 })
  })

  it('keeps a record without an end for ever', async () => {
    const { adapter, store } = await setUp(options)
    await store.set('a', { owner: 'john' })
    expect(await adapter.get('a')).to.equal('{"value":{"owner":"john"}}')
  })

  for (const end of [START, START - 1, 0, START + 0.5, Number.NaN, Infinity, null, 'tomorrow']) {
    it(`refuses an end of ${String(end)}`, async () => {
      const { store } = await setUp(options)
      for (const call of [store.set('a', { end }), store.update('a', () => ({ end }))]) {
        const error = await failure(call)
        expect(error).to.be.instanceOf(RangeError)
        expect(error.message).to.contain('"notes"').and.contain('end')
      }
      expect(await store.get('a')).to.equal(undefined)
    })
  }
})

describe('reading together', () => {
  it('asks all stores before it waits for any', async () => {
    const asked: string[] = []
    let answer = () => {}
    const allAsked = new Promise<void>((resolve) => {
      answer = resolve
    })
    const slow = (name: string) => ({
      async get(key: string) {
        if (asked.push(`${name} ${key}`) === 3) answer()
        await allAsked
        return { name }
      },
    })
    const [tokens, clients] = [slow('tokens'), slow('clients')]
    const found = await readTogether([
      { store: tokens, key: 'a' },
      { store: clients, key: 'b' },
      { store: tokens, key: 'c' },
    ])
    expect(asked).to.deep.equal(['tokens a', 'clients b', 'tokens c'])
    expect(found.map((record) => record?.name)).to.deep.equal(['tokens', 'clients', 'tokens'])
  })

  it('gives no answer when one of the stores has none', async () => {
    const { store } = await setUp()
    const broken = await setUp({}, { get: () => Promise.reject(new Error('gone')) })
    const reads = readTogether([
      { store, key: 'a' },
      { store: broken.store, key: 'b' },
    ])
    expect(await failure(reads)).to.be.instanceOf(Unavailable)
  })
})
