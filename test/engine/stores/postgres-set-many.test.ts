import { expect } from 'chai'
import type { Connection, StoreAdapter } from '../../../engine/stores/contract.ts'
import { connect } from '../../../engine/stores/postgres.ts'
import { usePostgres } from '../../support/postgres.ts'

const text = (value: object) => JSON.stringify({ value })

describe('setting many records in PostgreSQL', function () {
  this.timeout(60_000)
  const server = usePostgres()
  let connection: Connection
  let store: StoreAdapter
  let time = Date.now()

  beforeEach(async () => {
    connection = await connect({ url: await server().createDatabase() }, { now: () => time })
    store = connection.collection('notes', { indexes: ['owner'] })
  })
  afterEach(() => connection.close())

  it('keeps each text as it is, and as long as it may live', async () => {
    const odd = text({ owner: 'john', said: 'a "\\u0000" \u2028 🦊 {},\n' })
    await store.setMany?.([
      { key: 'a', value: odd },
      { key: 'b', value: text({ owner: 'john' }), ttl: 1000 },
    ])
    expect(await store.getMany(['a', 'b'])).to.deep.equal([odd, text({ owner: 'john' })])
    time += 1000
    expect(await store.getMany(['a', 'b'])).to.deep.equal([odd, undefined])
  })

  it('takes thousands at once, and the last of a key', async () => {
    const entries = Array.from({ length: 3000 }, (_, n) => ({
      key: `k${n % 2000}`,
      value: text({ n }),
    }))
    await store.setMany?.(entries)
    expect(await store.size()).to.include({ records: 2000 })
    expect(await store.get('k999')).to.equal(text({ n: 2999 }))
    expect(await store.get('k1000')).to.equal(text({ n: 1000 }))
  })

  it('takes none, and leaves the place of what was there in the order of creation', async () => {
    await store.setMany?.([])
    await store.set('first', text({ owner: 'john' }))
    await store.set('second', text({ owner: 'john' }))
    await store.setMany?.([{ key: 'first', value: text({ owner: 'john', anew: true }) }])
    const { items } = await store.find('owner', 'john', { limit: 10 })
    expect(items.map(({ key }) => key)).to.deep.equal(['first', 'second'])
  })

  it('keeps nothing where one of them cannot be kept', async () => {
    const entries = [
      { key: 'a', value: text({}) },
      { key: 'b', value: text({}), ttl: 0 },
    ]
    const error = await (async () => store.setMany?.(entries))().catch((cause) => cause)
    expect(String(error)).to.contain('ttl of 0')
    expect(await store.has('a')).to.equal(false)
  })
})
