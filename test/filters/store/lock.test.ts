import { expect } from 'chai'
import lock from '../../../filters/store/lock.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

interface Told {
  readonly stores: readonly {
    readonly locked: { readonly state: string; readonly since: string }
  }[]
}

describe('store/lock', () => {
  let given: FilterServices

  beforeEach(async () => {
    given = await openFilterServices()
  })
  afterEach(() => given.close())

  async function told(): Promise<Told['stores'][number] | undefined> {
    const { message } = await given.run(lock)
    return (message.get('store.locks') as Told).stores[0]
  }

  it('locks every store, and tells when all gateways heed it', async () => {
    expect(await told()).to.deep.include({ name: 'main', settledIn: 0 })
    expect(() => given.lock.beforeWrite()).to.throw('the store "main" is locked')
  })

  it('leaves a store as it is that is locked already', async () => {
    const { since } = await given.lock.set('unfinished')
    expect((await told())?.locked).to.deep.equal({ state: 'unfinished', since })
  })
})
