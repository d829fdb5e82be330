import { expect } from 'chai'
import setEnabled from '../../../filters/client/set-enabled.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

describe('client/set-enabled', () => {
  let given: FilterServices

  beforeEach(async () => {
    given = await openFilterServices()
  })
  afterEach(() => given.close())

  const set = (clientId: string, enabled: boolean) =>
    given.run(setEnabled, { config: { enabled }, request: { params: { clientId } } })

  it('disables and enables a client, and tells of it', async () => {
    await given.register({ clientId: 'app' })
    for (const enabled of [false, false, true]) {
      const { message } = await set('app', enabled)
      expect(message.get('oauth.response')).to.include({ clientId: 'app', enabled })
      expect(message.get('oauth.response')).not.to.have.any.keys('secrets', 'epoch')
      expect(await given.registry.find('app')).to.include({ enabled })
    }
  })

  it('takes life from the tokens of a client, and gives it back', async () => {
    const client = await given.register({ clientId: 'app' })
    const { token } = await given.store.issue({ kind: 'access', client, scopes: [], lifetime: 60 })
    await set('app', false)
    expect((await given.store.lookUp(token.reveal())).alive).to.equal(false)
    await set('app', true)
    expect((await given.store.lookUp(token.reveal())).alive).to.equal(true)
  })

  it('refuses a client that there is not, and makes none', async () => {
    const { refusal } = await set('nobody', true)
    expect(refusal).to.include({ code: 'not_found', description: 'there is no client nobody' })
    expect(await given.registry.find('nobody')).to.equal(undefined)
  })

  it('must be told which', async () => {
    const failure = await given.run(setEnabled, { config: {} }).catch(String)
    expect(failure).to.match(/wrong settings.*enabled/)
  })
})
