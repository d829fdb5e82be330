import { expect } from 'chai'
import { connect } from '../../../engine/stores/postgres.ts'
import { expiryIndexName, indexName, tableName } from '../../../engine/stores/postgres-names.ts'
import { statementsFor } from '../../../engine/stores/postgres-statements.ts'
import { usePostgres } from '../../support/postgres.ts'

const LIVING = 40_000
const EXPIRED = 500
const statements = statementsFor('sallyport', 'notes')
const byKey = `${tableName('notes')}_pkey`
const byOwner = indexName('notes', 'owner')
const byExpiry = expiryIndexName('notes')

/** By statement: the index that its plan must use. */
const plans: Readonly<Record<string, readonly [statement: string, index: string]>> = {
  'a look-up': [statements.get, byKey],
  'a look-up of several': [statements.getMany, byKey],
  'a look-up that shares its round trip': [statements.look(0, '$1', '$2'), byKey],
  'a lock': [statements.lock, byKey],
  'a replacement': [statements.replace, byKey],
  'a removal': [statements.remove, byKey],
  'a deletion': [statements.delete, byKey],
  'a page of an index': [statements.find('owner'), byOwner],
  'a count by an index': [statements.count('owner'), byOwner],
  'a page of all': [statements.scan, byKey],
  'a purge': [statements.purge, byExpiry],
}

describe('PostgreSQL, in a table of many,', function () {
  this.timeout(60_000)
  const server = usePostgres()
  let url = ''

  before(async () => {
    url = await server().createDatabase()
    const connection = await connect({ url })
    const store = connection.collection('notes', { indexes: ['owner'] })
    await store.set('k', JSON.stringify({ value: { owner: 'john' } }))
    await server().ask(
      `INSERT INTO ${statements.table} (key, value, expires)
      SELECT 'k' || n, format('{"value":{"owner":"%s"}}', n % 100), CASE WHEN n <= ${EXPIRED} THEN 1000 ELSE 9e15 END
      FROM generate_series(1, ${LIVING + EXPIRED}) AS n`,
      url,
    )
    await server().ask(`ANALYZE ${statements.table}`, url)
    await connection.close()
  })

  for (const [what, [statement, index]] of Object.entries(plans)) {
    it(`goes by an index for ${what}, and reads no table through`, async () => {
      // Planned as every session would, without what ours forbid.
      const plan = await explain(`EXPLAIN (GENERIC_PLAN) ${statement}`)
      expect(plan).not.to.match(/Seq Scan|Sort/)
      expect(plan).to.contain(index)
    })
  }

  it('reads, when it purges, what is expired and nothing else', async () => {
    const plan = await explain(
      `EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF) ${statements.purge.replace('$1', '2000').replace('$2', '100')}`,
    )
    expect(plan).to.match(new RegExp(`Index Scan using "?${byExpiry}"?.*rows=100`))
    expect(plan).to.match(/Tid Scan/)
    expect(plan).not.to.match(/Seq Scan|Sort|rows=\d{4}/)
  })

  it('lets one purger at a time work, and the other go', async () => {
    const connection = await connect({ url })
    const store = connection.collection('notes', { indexes: ['owner'] })
    const other = await server().hold(url, statements.purge, [2000, 10])
    expect(await store.purgeExpired(10)).to.equal(0)
    await other.commit()
    expect(await store.purgeExpired(10)).to.equal(10)
    await connection.close()
  })

  it('tells a size that it has not counted to the end', async () => {
    const connection = await connect({ url })
    const store = connection.collection('notes', { indexes: ['owner'] })
    await server().ask(
      `INSERT INTO ${statements.table} (key, value) SELECT 'm' || n, '{}' FROM generate_series(1, 60000) AS n`,
      url,
    )
    await server().ask(`ANALYZE ${statements.table}`, url)
    const { records, bytes } = await store.size()
    expect(records).to.be.within(90_000, 110_000)
    expect(bytes).to.be.greaterThan(1_000_000)
    await connection.close()
  })

  async function explain(statement: string): Promise<string> {
    const rows = await server().ask(statement, url)
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  }
})
