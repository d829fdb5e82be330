import { expect } from 'chai'
import { openTables } from '../../../engine/gateway/tables.ts'
import { openConnection } from '../../../engine/stores/open.ts'
import { gatewayJson, SetUp } from './demo.ts'

const FOREIGN = new URL('../stores/foreign-adapter.ts', import.meta.url).pathname

describe('tables', () => {
  it('give an extension nothing of a store that cannot promise enough, and say why', async () => {
    const setUp = await SetUp.make()
    const plain = { adapter: 'keyv', module: FOREIGN }
    const stores = { main: { adapter: 'memory' }, plain }
    const tables = { pets: { store: 'plain' } }
    await setUp.write({ 'gateway.json': gatewayJson({ stores, tables }) })
    const { config, findings } = await setUp.check()
    if (!config) throw new Error(`unreachable: ${findings.map(({ message }) => message)}`)
    const connection = await openConnection('plain', config.stores.plain ?? {})
    const opened = openTables(config, new Map([['plain', connection]]), Date.now)
    const context = opened.contextFor('shelves')
    const refusal = /"plain" cannot promise update, find, scan.*lmdb, postgres or redis/
    expect(() => context.table('pets')).to.throw(refusal)
    expect(() => context.collection('plain', 'novels', { indexes: [] })).to.throw(refusal)

    opened.openRest()
    const [pets] = opened.all()
    await pets?.set('rex', { kind: 'dog' })
    expect(await pets?.get('rex')).to.deep.equal({ kind: 'dog' })
    await connection.close()
    await setUp.remove()
  })
})
