import { expect } from 'chai'
import type { Store } from '../../../engine/index.ts'
import { connect } from '../../../engine/stores/memory.ts'
import { openStore } from '../../../engine/stores/store.ts'
import status from '../../../filters/store/status.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

interface Told {
  readonly name: string
  readonly reachable: boolean
  readonly roundTrip: number
  readonly problem?: string
  readonly records?: number
  readonly expired?: number
}

interface ToldStore {
  readonly name: string
  readonly reachable: boolean
  readonly locked?: { readonly state: string }
  readonly durability?: string
}

describe('store/status', () => {
  let given: FilterServices

  beforeEach(async () => {
    given = await openFilterServices()
  })
  afterEach(() => given.close())

  async function told(collections = given.services.collections): Promise<readonly Told[]> {
    const { message } = await given.run(status, {
      services: { ...given.services, collections: collections ?? (() => []) },
    })
    return (message.get('store.status') as { collections: readonly Told[] }).collections
  }

  it('tells of every collection how many records it holds, and how many have expired', async () => {
    const client = await given.register()
    await given.store.issue({ kind: 'access', client, scopes: [], lifetime: 60 })
    await given.store.issue({ kind: 'access', client, scopes: [], lifetime: 7200 })
    given.wait(60 + 3600)
    const collections = await told()
    expect(collections.map(({ name, records, expired }) => [name, records, expired])).to.deep.equal(
      [
        ['tokens', 2, 1],
        ['codes', 0, 0],
        ['clients', 1, 0],
        ['authorizations', 0, 0],
        ['families', 0, 0],
      ],
    )
    for (const { reachable, roundTrip } of collections) {
      expect(reachable).to.equal(true)
      expect(roundTrip).to.be.at.least(0)
    }
  })

  async function toldOfStores(
    services: Partial<FilterServices['services']> = {},
  ): Promise<readonly ToldStore[]> {
    const { message } = await given.run(status, { services: { ...given.services, ...services } })
    return (message.get('store.status') as { stores: readonly ToldStore[] }).stores
  }

  it('tells of every store whether it is locked', async () => {
    const [open] = await toldOfStores()
    expect(open).to.include({ name: 'main', reachable: true })
    expect(open).not.to.have.property('locked')
    await given.lock.set('locked')
    const [locked] = await toldOfStores()
    expect(locked?.locked?.state).to.equal('locked')
  })

  it('tells the settings on which the durability of a store hangs', async () => {
    const health = async () => ({ reachable: true, roundTrip: 1, durability: 'fsync on' })
    const [store] = await toldOfStores({
      stores: () => [{ name: 'main', lock: given.lock, health }],
    })
    expect(store?.durability).to.equal('fsync on')
  })

  it('does not ask a store that cannot be reached whether it is locked', async () => {
    const health = async () => ({ reachable: false, roundTrip: 1, problem: 'connection refused' })
    const look = () => Promise.reject(new Error('it was asked all the same'))
    const [store] = await toldOfStores({
      stores: () => [{ name: 'main', lock: { ...given.lock, look }, health }],
    })
    expect(store).to.include({ reachable: false, problem: 'connection refused' })
  })

  it('tells of a collection that does not answer why, without asking how much it holds', async () => {
    const connection = await connect({ adapter: 'memory', deadline: 10 })
    const gone = {
      ...connection.collection('gone', { indexes: [] }),
      health: () => Promise.reject(new Error('connection refused')),
      size: () => Promise.reject(new Error('it was asked all the same')),
    }
    const stores = [openStore(gone, { name: 'gone' }), given.records.clients as Store]
    const [first, second] = await told(() => stores)
    expect(first).to.include({ name: 'gone', reachable: false })
    expect(first?.problem).to.include('connection refused')
    expect(first).not.to.have.property('records')
    expect(second).to.include({ name: 'clients', reachable: true, records: 0 })
  })
})
