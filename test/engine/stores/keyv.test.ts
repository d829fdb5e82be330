import { expect } from 'chai'
import type { Connection } from '../../../engine/stores/contract.ts'
import { connect } from '../../../engine/stores/keyv.ts'
import { openStore } from '../../../engine/stores/store.ts'
import { useRedis } from '../../support/redis.ts'

const FOREIGN = new URL('./foreign-adapter.ts', import.meta.url).href
const keys = ['a', ':a', '::a', 'a:b', 'a b', '__proto__', 'é😀', 'x'.repeat(512)]
const text = (value: object) => JSON.stringify({ value })

async function failure(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    return String(error)
  }
  throw new Error('it did not fail')
}

async function keepsRecords(connection: Connection): Promise<void> {
  const [one, two] = ['one', 'two'].map((name) => connection.collection(name, { indexes: [] }))
  if (!one || !two) throw new Error('unreachable')
  for (const key of keys) await one.set(key, text({ key }))
  expect(await one.getMany([...keys, 'none'])).to.deep.equal([
    ...keys.map((key) => text({ key })),
    undefined,
  ])
  expect(await two.get('a')).to.equal(undefined)
  expect([await one.delete(':a'), await one.delete(':a')]).to.deep.equal([true, false])
  expect([await one.has(':a'), await one.has('a')]).to.deep.equal([false, true])
  await two.set('a', text({ n: 2 }), 40)
  expect(JSON.parse((await two.get('a')) ?? '')).to.deep.include({ value: { n: 2 } })
  while ((await two.get('a')) !== undefined);
  expect(await one.get('a')).to.equal(text({ key: 'a' }))
  expect(await connection.health()).to.include({ reachable: true })
}

describe('any other storage adapter of Keyv', () => {
  it('keeps records by their keys, in collections of their own', async () => {
    const connection = await connect({ module: FOREIGN })
    await keepsRecords(connection)
    await connection.close()
  })

  it('says what it cannot promise, and refuses it by name', async () => {
    const connection = await connect({ module: FOREIGN })
    expect(connection.lacks).to.deep.equal(['update', 'find', 'scan'])
    expect(connection.warning).to.contain(FOREIGN).and.contain('plain tables only')
    const store = connection.collection('plain', { indexes: [] })
    const refused = {
      update: () => store.update('a', () => ({ text: text({}) })),
      find: () => store.find('owner', 'john', { limit: 1 }),
      scan: () => store.scan(undefined, 1),
    }
    for (const [ability, call] of Object.entries(refused)) {
      expect(await failure(call))
        .to.contain(`"${ability}"`)
        .and.contain(FOREIGN)
        .and.contain('use lmdb, postgres or redis')
    }
    expect(await failure(() => connection.collection('x', { indexes: ['owner'] }))).to.contain(
      '"find"',
    )
    expect(await failure(() => store.set('a', text({}), 0))).to.contain('ttl')
    expect(await store.purgeExpired(10)).to.equal(0)
    expect(await store.size()).to.deep.equal({})
    await connection.close()
  })

  it('reads as an outage when it fails, and never as an absent record', async () => {
    const connection = await connect({ module: FOREIGN, url: 'broken:' })
    const adapter = connection.collection('plain', { indexes: [] })
    const store = openStore(adapter, { name: 'plain' })
    const calls = [
      () => store.get('a'),
      () => store.getMany(['a']),
      () => store.set('a', {}),
      () => store.delete('a'),
    ]
    for (const call of calls) expect(await failure(call)).to.contain('Unavailable')
    expect(await connection.health()).to.include({ reachable: false })
    await connection.close()
  })

  it('names the module that cannot be used', async () => {
    const missing = await failure(() => connect({ module: '@keyv/nowhere' }))
    expect(missing).to.contain('@keyv/nowhere cannot be loaded')
    expect(await failure(() => connect({ module: 'node:fs/promises' }))).to.contain('is no class')
  })

  describe('such as @keyv/redis', () => {
    const server = useRedis()

    it('keeps records by their keys, in collections of their own', async () => {
      const connection = await connect({ module: '@keyv/redis', url: server().url })
      await keepsRecords(connection)
      await connection.close()
    })
  })
})
