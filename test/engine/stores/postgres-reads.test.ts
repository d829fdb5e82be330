import { expect } from 'chai'
import type { Connection } from '../../../engine/stores/contract.ts'
import { connect } from '../../../engine/stores/postgres.ts'
import { type Database, openPool } from '../../../engine/stores/postgres-pool.ts'
import { gatherReads } from '../../../engine/stores/postgres-reads.ts'
import { statementsFor } from '../../../engine/stores/postgres-statements.ts'
import { usePostgres } from '../../support/postgres.ts'

const [orders, customers] = ['orders', 'customers'].map((it) => statementsFor('sallyport', it))
const nowhere = statementsFor('sallyport', 'nowhere')

describe('look-ups in PostgreSQL', () => {
  const server = usePostgres()
  let connection: Connection
  let database: Database
  let asked: number
  let look: (table: typeof orders, key: string) => Promise<string | undefined>

  before(async () => {
    const url = await server().createDatabase()
    connection = await connect({ url })
    for (const name of ['orders', 'customers']) {
      const store = connection.collection(name, { indexes: [] })
      for (const key of ['a', 'b']) await store.set(key, JSON.stringify({ value: name + key }))
    }
    database = openPool({ url, poolSize: 5, deadline: 3000, readOnly: false })
  })
  beforeEach(() => {
    asked = 0
    const ask: Database['ask'] = (...parameters) => {
      asked++
      return database.ask(...parameters)
    }
    const gathered = gatherReads({ ...database, ask }, Date.now)
    look = (table, key) => gathered(table ?? nowhere, key)
  })
  after(async () => {
    await database.close()
    await connection.close()
  })

  it('cost one round trip when they are asked for in one turn, whatever they are for', async () => {
    const found = await Promise.all([
      look(orders, 'b'),
      look(customers, 'a'),
      look(orders, 'missing'),
      look(orders, 'a'),
      look(orders, 'a'),
    ])
    const texts = ['ordersb', 'customersa', undefined, 'ordersa', 'ordersa']
    expect(found).to.deep.equal(texts.map((value) => value && JSON.stringify({ value })))
    expect(asked).to.equal(1)
  })

  it('cost one each when they follow one another', async () => {
    for (const key of ['a', 'b', 'missing']) await look(orders, key)
    expect(asked).to.equal(3)
  })

  it('fail together, and leave those that come after alone', async () => {
    const calls = [look(orders, 'a'), look(nowhere, 'a'), look(customers, 'a')]
    const ends = await Promise.allSettled(calls)
    expect(ends.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected', 'rejected'])
    expect(await look(orders, 'a')).to.contain('ordersa')
  })
})
