import { expect } from 'chai'
import unlock from '../../../filters/store/unlock.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

describe('store/unlock', () => {
  let given: FilterServices

  beforeEach(async () => {
    given = await openFilterServices()
  })
  afterEach(() => given.close())

  async function told(): Promise<unknown> {
    const { message } = await given.run(unlock)
    return message.get('store.locks')
  }

  it('opens a store that is locked, and leaves one that is open', async () => {
    await given.lock.set('locked')
    expect(await told()).to.deep.equal({ stores: [{ name: 'main' }] })
    expect(await told()).to.deep.equal({ stores: [{ name: 'main' }] })
    expect(given.lock.beforeWrite()).to.equal(undefined)
  })

  it('keeps a copy shut that was not finished', async () => {
    const locked = await given.lock.set('unfinished')
    expect(await told()).to.deep.equal({ stores: [{ name: 'main', locked }] })
    expect(() => given.lock.beforeRead()).to.throw('was not finished')
  })
})
