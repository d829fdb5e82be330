import { expect } from 'chai'
import purge from '../../../filters/store/purge.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

describe('store/purge', () => {
  let given: FilterServices

  beforeEach(async () => {
    given = await openFilterServices()
  })
  afterEach(() => given.close())

  async function purged(): Promise<unknown> {
    const { message } = await given.run(purge)
    return message.get('store.purged')
  }
  const telling = (tokens: number) => ({
    collections: [
      { name: 'tokens', removed: tokens },
      { name: 'codes', removed: 0 },
      { name: 'clients', removed: 0 },
      { name: 'authorizations', removed: 0 },
      { name: 'families', removed: 0 },
    ],
  })

  it('removes nothing where nothing has expired, and tells of every collection', async () => {
    await given.register()
    expect(await purged()).to.deep.equal(telling(0))
  })

  it('removes what has expired, in as many batches as it takes', async () => {
    const client = await given.register()
    for (let count = 0; count < 2001; count += 1) {
      await given.store.issue({ kind: 'access', client, scopes: [], lifetime: 60 })
    }
    const { token } = await given.store.issue({
      kind: 'access',
      client,
      scopes: [],
      lifetime: 7200,
    })
    // Expired tokens are kept for an hour.
    given.wait(60 + 3600)
    expect(await purged()).to.deep.equal(telling(2001))
    expect(await given.records.tokens.size()).to.include({ records: 1, expired: 0 })
    expect((await given.store.lookUp(token.reveal())).alive).to.equal(true)
    expect(await purged()).to.deep.equal(telling(0))
  })

  it('leaves what is only kept to be told from the unknown', async () => {
    const client = await given.register()
    await given.store.issue({ kind: 'access', client, scopes: [], lifetime: 60 })
    given.wait(60 + 3599)
    expect(await purged()).to.deep.equal(telling(0))
  })
})
