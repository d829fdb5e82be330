import { expect } from 'chai'
import { connect } from '../../../engine/stores/postgres.ts'
import { indexName, tableName } from '../../../engine/stores/postgres-names.ts'
import { statementsFor } from '../../../engine/stores/postgres-statements.ts'
import { usePostgres } from '../../support/postgres.ts'

const text = (value: object) => JSON.stringify({ value })

describe('PostgreSQL tables', function () {
  this.timeout(60_000)
  const server = usePostgres()
  let url = ''

  beforeEach(async () => {
    url = await server().createDatabase()
  })

  async function openWith(...indexes: string[]) {
    const connection = await connect({ url })
    return { connection, store: connection.collection('notes', { indexes }) }
  }

  function askIndexes() {
    return server().ask(
      `SELECT c.relname AS name, i.indisvalid AS complete FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = 'sallyport.${tableName('notes')}'::regclass ORDER BY 1`,
      url,
    )
  }

  it('are made once, though several gateways start at once', async () => {
    const opened = await Promise.all(Array.from({ length: 5 }, () => openWith('owner', 'api')))
    await Promise.all(opened.map(({ store }, n) => store.set(`k${n}`, text({ owner: 'john' }))))
    for (const { store } of opened) {
      expect((await store.find('owner', 'john', { limit: 10 })).items).to.have.length(5)
    }
    for (const { connection } of opened) await connection.close()
    const names = (await askIndexes()).map(({ name }) => name)
    expect(names).to.have.length(4).and.include(indexName('notes', 'api'))
  })

  it('get an index for records that were there before it was declared', async () => {
    const first = await openWith('owner')
    for (const key of ['c', 'a', 'b']) await first.store.set(key, text({ owner: 'x', api: 'x' }))
    await first.connection.close()
    const second = await openWith('api', 'owner')
    const { items } = await second.store.find('api', 'x', { limit: 10 })
    expect(items.map(({ key }) => key)).to.deep.equal(['c', 'a', 'b'])
    await second.connection.close()
  })

  it('lose an index that was left over half built, and get a whole one', async () => {
    const first = await openWith('owner')
    await first.store.set('a', text({ owner: 'x', api: 'x' }))
    await first.connection.close()
    const { table, indexes } = statementsFor('sallyport', 'notes')
    const name = indexName('notes', 'api')
    const on = indexes(['api']).get(name)
    // Two records with one value: a unique index fails in the middle.
    await server().ask(`INSERT INTO ${table} (key, value) SELECT 'b', value FROM ${table}`, url)
    const building = `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${String(on).replace(', created', '')}`
    await server()
      .ask(building, url)
      .then(
        () => expect.fail('the index was built'),
        () => {},
      )
    expect(await askIndexes()).to.deep.include({ name, complete: false })
    const second = await openWith('owner', 'api')
    expect((await second.store.find('api', 'x', { limit: 10 })).items).to.have.length(2)
    await second.connection.close()
    expect(await askIndexes()).to.deep.include({ name, complete: true })
  })

  it('serve while an index is being built, but for what needs it', async () => {
    const first = await openWith('owner')
    await first.store.set('a', text({ owner: 'x', api: 'x' }))
    await first.connection.close()
    const statements = statementsFor('sallyport', 'notes')
    const blocker = await server().hold(url, statements.replace, [
      'a',
      text({ owner: 'x', api: 'x' }),
      text({ api: 'y' }),
      null,
    ])
    const second = await openWith('owner', 'api')
    expect(await second.store.get('a')).to.contain('"x"')
    await second.store.set('b', text({ api: 'y' }))
    const finding = second.store.find('api', 'y', { limit: 10 })
    const { reachable, problem } = await second.connection.health()
    expect([reachable, problem]).to.deep.equal([true, 'its indexes are being built'])
    await blocker.commit()
    expect((await finding).items.map(({ key }) => key)).to.deep.equal(['a', 'b'])
    await second.connection.close()
  })

  it('are not made, and not written to, by whoever only looks', async () => {
    const early = await connect({ url }, { readOnly: true })
    const nothing = await reasonOf(early.collection('notes', { indexes: [] }).get('a'))
    expect(nothing).to.contain('start the gateway once')
    await early.close()
    expect(await server().ask(`SELECT to_regnamespace('sallyport') AS made`, url)).to.deep.equal([
      { made: null },
    ])

    const writer = await openWith()
    await writer.store.set('a', text({}))
    const reader = await connect({ url }, { readOnly: true })
    const store = reader.collection('notes', { indexes: [] })
    expect(await store.get('a')).to.equal(text({}))
    for (const write of [() => store.set('a', ''), () => store.delete('a'), () => store.clear()]) {
      expect(await reasonOf(write()))
        .to.contain('Misuse')
        .and.contain('for reading only')
    }
    expect(await writer.store.get('a')).to.equal(text({}))
    await reader.close()
    await writer.connection.close()
  })

  it('are not sought at an address that cannot be read, which is not repeated', async () => {
    const error = await reasonOf(connect({ url: 'postgresql://john:s3cret@host:port/database' }))
    expect(error).to.contain('cannot be read').and.not.contain('s3cret')
  })

  it('are refused in a database that cannot keep every text', async () => {
    await server().ask(`CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
    const latin = new URL(url)
    latin.pathname = '/latin'
    const connection = await connect({ url: latin.href })
    const store = connection.collection('notes', { indexes: [] })
    expect(await reasonOf(store.get('a')))
      .to.contain('LATIN1')
      .and.contain('UTF8')
    expect((await connection.health()).reachable).to.equal(false)
    await connection.close()
  })

  it('are written to for good, whatever the database does by default', async () => {
    const database = new URL(url).pathname.slice(1)
    await server().ask(`ALTER DATABASE ${database} SET synchronous_commit = off`)
    const { connection, store } = await openWith()
    await store.set('a', text({}))
    const { problem, durability } = await connection.health()
    expect(problem).to.equal(undefined)
    expect(durability).to.equal('fsync on, synchronous_commit on')
    await connection.close()
  })

  it('are warned of where a crash may undo what was answered, and in production refused', async () => {
    await server().ask('ALTER SYSTEM SET fsync = off')
    await server().ask('SELECT pg_reload_conf()')
    try {
      const warnings: string[] = []
      const connection = await connect({ url }, { warn: (warning) => warnings.push(warning) })
      await connection.collection('notes', { indexes: [] }).set('a', text({}))
      const { reachable, problem } = await connection.health()
      expect(reachable).to.equal(true)
      expect(problem).to.contain('fsync is off').and.contain('undone')
      expect(warnings).to.deep.equal([problem])
      await connection.close()

      const strict = await connect({ url }, { production: true })
      const get = () => strict.collection('notes', { indexes: [] }).get('a')
      expect(await reasonOf(get()))
        .to.contain('fsync is off')
        .and.contain('production')
      expect((await strict.health()).reachable).to.equal(false)
      await strict.close()
    } finally {
      await server().ask('ALTER SYSTEM RESET fsync')
      await server().ask('SELECT pg_reload_conf()')
    }
  })
})

async function reasonOf(call: unknown): Promise<string> {
  try {
    await call
  } catch (error) {
    return String(error)
  }
  throw new Error('it did not fail')
}
