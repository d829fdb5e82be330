import { expect } from 'chai'
import type { ConnectOptions, StoreAdapter } from '../../../engine/stores/contract.ts'
import { storeContract } from '../../../engine/stores/contract-suite.ts'
import { openConnection } from '../../../engine/stores/open.ts'
import { connect } from '../../../engine/stores/redis.ts'
import { useRedis, useRedisUrl } from '../../support/redis.ts'
import { itSurvivesRaces } from './races.ts'

describe('Redis for any purpose', () => {
  const url = useRedisUrl()

  storeContract(
    { describe, it },
    {
      name: 'the Redis store',
      connect: () => openConnection('main', { adapter: 'redis', url: url(), prefix: 'suite' }),
      durable: true,
    },
  )
})

describe('Redis', () => {
  const server = useRedis()

  const text = (value: object) => JSON.stringify({ value })
  const keysOf = async (store: StoreAdapter, index: string) =>
    (await store.find(index, 'x', { limit: 1000 })).items.map(({ key }) => key)

  /** A gateway that has been told of these indexes. */
  async function openWith(name: string, indexes: readonly string[], options: ConnectOptions = {}) {
    const connection = await connect({ url: server().url, prefix: 'indexes' }, options)
    return { connection, store: connection.collection(name, { indexes }) }
  }

  it('builds an index for records that were there before it was declared', async () => {
    const first = await openWith('older', ['owner'])
    const keys = Array.from({ length: 2500 }, (_, n) => `k${n}`)
    await Promise.all(keys.map((key) => first.store.set(key, text({ owner: 'x', api: 'x' }))))
    await first.connection.close()

    const second = await openWith('older', ['api'])
    const found = await second.store.find('api', 'x', { limit: 1000, total: true })
    expect(found.total).to.equal(keys.length)
    expect(found.items.map(({ key }) => key)).to.deep.equal(keys.slice(0, 1000))
    await second.connection.close()
  })

  it('keeps the indexes of every gateway, whichever of them writes', async () => {
    const old = await openWith('several', ['owner'])
    await old.store.set('a', text({ owner: 'x', api: 'x' }))
    const young = await openWith('several', ['api'])
    expect(await keysOf(young.store, 'api')).to.deep.equal(['a'])
    await old.store.set('b', text({ owner: 'x', api: 'x' }))
    await young.store.set('c', text({ owner: 'x', api: 'x' }))
    await old.store.update('a', () => ({ text: text({ owner: 'x', api: 'y' }) }))
    expect(await keysOf(young.store, 'api')).to.deep.equal(['b', 'c'])
    expect(await keysOf(old.store, 'owner')).to.deep.equal(['a', 'b', 'c'])
    await young.store.delete('b')
    expect(await keysOf(old.store, 'owner')).to.deep.equal(['a', 'c'])
    await old.connection.close()
    await young.connection.close()
  })

  it('misses no record that is written while an index is built', async () => {
    const old = await openWith('building', ['owner'])
    const keys = Array.from({ length: 3000 }, (_, n) => `k${n}`)
    await Promise.all(keys.map((key) => old.store.set(key, text({ owner: 'x', api: 'x' }))))
    const young = await openWith('building', ['api', 'owner'])
    const moved = keys.filter((_key, n) => n % 3 === 0)
    const writing = (async () => {
      for (const key of moved) await old.store.update(key, () => ({ text: text({ api: 'moved' }) }))
    })()
    const [{ total }] = await Promise.all([
      young.store.find('api', 'moved', { limit: 1, total: true }),
      writing,
    ])
    expect(total).to.be.at.most(moved.length)
    const count = async (value: string) =>
      (await young.store.find('api', value, { limit: 1, total: true })).total
    expect(await count('moved')).to.equal(moved.length)
    expect(await count('x')).to.equal(keys.length - moved.length)
    await old.connection.close()
    await young.connection.close()
  })

  it('takes no write from whoever opened it for reading', async () => {
    const holder = await openWith('read', ['owner'])
    await holder.store.set('a', text({ owner: 'x' }))
    const reader = await openWith('read', ['owner'], { readOnly: true })
    expect(await reader.store.get('a')).to.equal(text({ owner: 'x' }))
    expect(await keysOf(reader.store, 'owner')).to.deep.equal(['a'])
    const store = reader.store
    for (const write of [() => store.set('a', ''), () => store.delete('a'), () => store.clear()]) {
      expect(await failure(write)).to.contain('for reading only')
    }
    const other = await openWith('read', ['api'], { readOnly: true })
    expect(await failure(() => keysOf(other.store, 'api'))).to.contain('not indexed by api')
    for (const { connection } of [holder, reader, other]) await connection.close()
  })

  it('leaves nothing behind of what is expired, though Redis tells nobody', async () => {
    const { store, connection } = await openWith('expired', ['owner'])
    for (let n = 0; n < 50; n++) await store.set(`k${n}`, text({ owner: `o${n}` }), 20)
    await store.set('stays', text({ owner: 'x' }))
    while ((await store.size()).expired !== 50);
    const keys = () => server().command('--scan', '--pattern', 'indexes:{expired}*').split('\n')
    expect(keys().some((key) => key.includes(':r:k'))).to.equal(false)
    expect(await store.purgeExpired(1000)).to.equal(50)
    expect(
      keys()
        .map((key) => key.replace(/:i:.*/, ':i'))
        .sort(),
    ).to.deep.equal(
      ['complete', 'i', 'indexes', 'keys', 'places', 'r:stays', 'sequence'].map(
        (rest) => `indexes:{expired}:${rest}`,
      ),
    )
    await connection.close()
  })

  it('lets one purge at a time: whoever finds another at it leaves it alone', async () => {
    const { store, connection } = await openWith('purged', [])
    for (let n = 0; n < 20; n++) await store.set(`k${n}`, text({}), 1)
    while ((await store.size()).expired !== 20);
    server().command('set', 'indexes:{purged}:purger', 'another gateway')
    expect(await store.purgeExpired(1000)).to.equal(0)
    server().command('del', 'indexes:{purged}:purger')
    expect(await store.purgeExpired(1000)).to.equal(20)
    await connection.close()
  })

  it('asks in one go what is asked at once', async () => {
    const { store, connection } = await openWith('together', [])
    const others = [0, 1, 2].map((n) => connection.collection(`other-${n}`, { indexes: [] }))
    await store.set('a', text({}))
    const reads = () => Promise.all([store, ...others].map((each) => each.get('a')))
    await reads()
    const readsOfServer = () =>
      Number(/total_reads_processed:(\d+)/.exec(server().command('info', 'stats'))?.[1])
    const before = readsOfServer()
    await reads()
    const after = readsOfServer()
    // One is for the four records, the rest for the client that asks for the number.
    expect(after - before).to.be.at.most(3)
    await connection.close()
  })

  itSurvivesRaces(() => ({ adapter: 'redis', url: server().url, prefix: 'races' }))
})

async function failure(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    return String(error)
  }
  throw new Error('it did not fail')
}
