import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Connection, StoreAdapter } from '../../../engine/stores/contract.ts'
import { connect } from '../../../engine/stores/postgres.ts'
import { statementsFor } from '../../../engine/stores/postgres-statements.ts'
import { usePostgres } from '../../support/postgres.ts'

const text = JSON.stringify({ value: { owner: 'john' } })
const { set, table, writers } = statementsFor('sallyport', 'notes')

describe('the order of creation in PostgreSQL', function () {
  this.timeout(60_000)
  const server = usePostgres()
  let url = ''
  let connection: Connection
  let store: StoreAdapter

  beforeEach(async () => {
    url = await server().createDatabase()
    connection = await connect({ url, deadline: 2000 })
    store = connection.collection('notes', { indexes: ['owner'] })
    await store.set('first', text)
  })
  afterEach(() => connection.close())

  const holdCreation = (key: string) => server().hold(url, set, [key, text, null, 0])
  const keysAfter = async (limit: number, cursor?: string) => {
    const page = await store.find(
      'owner',
      'john',
      cursor === undefined ? { limit } : { limit, cursor },
    )
    return { keys: page.items.map(({ key }) => key), next: page.next }
  }

  it('is not passed by a cursor before all are there who have a place in it', async () => {
    const late = await holdCreation('late')
    for (const key of ['b', 'c', 'd']) await store.set(key, text)
    let ended = false
    const page = keysAfter(2).finally(() => {
      ended = true
    })
    await sleep(100)
    expect(ended).to.equal(false)
    await late.commit()
    const { keys, next } = await page
    expect(keys).to.deep.equal(['first', 'late'])
    expect((await keysAfter(9, next)).keys).to.deep.equal(['b', 'c', 'd'])
  })

  it('waits for nobody where a page leads to no other, or order is settled', async () => {
    for (const key of ['b', 'c', 'd']) await store.set(key, text)
    const { next } = await keysAfter(3)
    const late = await holdCreation('late')
    expect((await keysAfter(2)).next).to.be.a('string')
    expect((await keysAfter(1, next)).keys).to.deep.equal(['d'])
    expect((await keysAfter(9)).keys).to.deep.equal(['first', 'b', 'c', 'd'])
    await late.rollback()
  })

  it('does not answer rather than skip, and names the transaction that does not end', async () => {
    const late = await holdCreation('late')
    const [holder] = await server().ask(writers, url)
    for (const key of ['b', 'c', 'd']) await store.set(key, text)
    const error = await Promise.resolve(store.find('owner', 'john', { limit: 2 })).then(
      () => new Error('it did not fail'),
      (reason: Error) => reason,
    )
    expect(error.message).to.contain(`process ${holder?.pid}`).and.contain(table)
    await late.rollback()
  })

  it('skips nobody, whatever is committed when', async () => {
    // Each creation takes a while between its place in the order and its end.
    await server().ask(
      `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(random() * 0.02); RETURN NEW; END $$`,
      url,
    )
    await server().ask(
      `CREATE TRIGGER dawdle AFTER INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION dawdle()`,
      url,
    )
    let writing = 8
    const work = Array.from({ length: writing }, async (_, writer) => {
      for (let n = 0; n < 60; n++) await store.set(`${writer}-${n}`, text)
      writing--
    })
    const seen: string[] = []
    let cursor: string | undefined
    for (;;) {
      const done = writing === 0
      const { keys, next } = await keysAfter(3, cursor)
      // A page that leads to no other is read again: it may grow.
      if (next !== undefined || done) seen.push(...keys)
      if (next === undefined && done) break
      cursor = next ?? cursor
    }
    await Promise.all(work)
    const all = (await store.scan(undefined, 1000)).map(({ key }) => key)
    expect(all).to.have.length(481)
    expect(seen.toSorted()).to.deep.equal(all.toSorted())
  })
})
