import { expect } from 'chai'
import { storeContract } from '../../../engine/stores/contract-suite.ts'
import { connect } from '../../../engine/stores/redis.ts'
import { DURABLE, type RedisServer, startRedis, useRedis } from '../../support/redis.ts'

const NODE = { ...DURABLE, 'cluster-enabled': 'yes' }

describe('a Redis cluster', () => {
  const one = useRedis(NODE)
  let two: RedisServer
  const settings = (extra: object = {}) => ({ url: one().url, cluster: [two.url], ...extra })

  before(async () => {
    two = await startRedis(NODE)
    one().command('cluster', 'addslotsrange', '0', '8191')
    two.command('cluster', 'addslotsrange', '8192', '16383')
    one().command('cluster', 'meet', '127.0.0.1', String(two.port))
    for (const node of [one(), two]) {
      await until(async () => node.command('cluster', 'info').includes('cluster_state:ok'))
      await until(async () => node.command('cluster', 'info').includes('cluster_known_nodes:2'))
    }
  })

  storeContract(
    { describe, it },
    {
      name: 'the Redis store on a cluster',
      connect: () => connect(settings({ prefix: 'suite' })),
      durable: true,
    },
  )

  it('spreads collections over its nodes, and answers for all of them', async () => {
    const connection = await connect(settings())
    const names = Array.from({ length: 20 }, (_, n) => `collection-${n}`)
    const stores = names.map((name) => connection.collection(name, { indexes: ['owner'] }))
    const text = JSON.stringify({ value: { owner: 'john' } })
    await Promise.all(stores.map((store) => store.set('a', text)))
    const read = await Promise.all(stores.map((store) => store.get('a')))
    expect(new Set(read)).to.deep.equal(new Set([text]))
    for (const node of [one(), two]) expect(Number(node.command('dbsize'))).to.be.greaterThan(0)
    expect((await connection.health()).durability).to.contain('appendonly yes')
    await connection.close()
  })

  it('follows a slot that moves to another node', async () => {
    const connection = await connect(settings())
    const store = connection.collection('moving', { indexes: ['owner'] })
    await store.set('a', JSON.stringify({ value: { owner: 'john' } }))
    await store.clear()
    const [key] = ['sallyport:{moving}:r:a']
    const slot = one().command('cluster', 'keyslot', key ?? '')
    const [from, to] = Number(slot) < 8192 ? [one(), two] : [two, one()]
    const left = from.command('cluster', 'getkeysinslot', slot, '100').split('\n')
    if (left[0])
      from.command('migrate', '127.0.0.1', String(to.port), '', '0', '5000', 'keys', ...left)
    const id = to.command('cluster', 'myid')
    for (const node of [to, from]) node.command('cluster', 'setslot', slot, 'node', id)
    await store.set('a', JSON.stringify({ value: { owner: 'jane' } }))
    expect((await store.find('owner', 'jane', { limit: 1 })).items).to.have.length(1)
    await connection.close()
  })

  it('fails what a dead node has, answers for the rest, and goes on by itself', async () => {
    const connection = await connect(settings({ deadline: 1000 }))
    one().command('config', 'set', 'cluster-require-full-coverage', 'no')
    two.command('config', 'set', 'cluster-require-full-coverage', 'no')
    const names = Array.from({ length: 20 }, (_, n) => `node-${n}`)
    const stores = names.map((name) => connection.collection(name, { indexes: [] }))
    const text = JSON.stringify({ value: {} })
    await Promise.all(stores.map((store) => store.set('a', text)))
    await two.kill()
    const count = async () => {
      const ends = await Promise.allSettled(stores.map(async (store) => store.get('a')))
      return ends.filter(({ status }) => status === 'fulfilled').length
    }
    const alive = await count()
    expect(alive).to.be.greaterThan(0).and.lessThan(names.length)
    expect((await connection.health()).reachable).to.equal(false)
    await two.start()
    await until(async () => (await count()) === names.length)
    expect((await connection.health()).reachable).to.equal(true)
    await connection.close()
  })
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000
  while (!(await condition())) {
    expect(Date.now()).to.be.lessThan(end)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
