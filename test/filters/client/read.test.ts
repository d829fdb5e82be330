import { expect } from 'chai'
import read from '../../../filters/client/read.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

describe('client/read', () => {
  let given: FilterServices

  before(async () => {
    given = await openFilterServices()
    await given.register({ clientId: 'app', name: 'An app', scopes: ['read'], enabled: false })
  })
  after(() => given.close())

  it('tells of the client that the route names, also a disabled one', async () => {
    const { message } = await given.run(read, { request: { params: { clientId: 'app' } } })
    const response = message.get('oauth.response')
    expect(response).to.include({ clientId: 'app', name: 'An app', enabled: false })
    expect(response).to.include({ created: '2026-01-01T00:00:00.000Z' })
    expect(response).not.to.have.any.keys('secrets', 'epoch', 'secret')
  })

  const unknown = ['nobody', 'APP', '', '__proto__', 'app\u0000', '\ud800', 'x'.repeat(5000)]
  for (const clientId of unknown) {
    it(`refuses ${JSON.stringify(clientId).slice(0, 20)}, which no client has`, async () => {
      const { refusal } = await given.run(read, { request: { params: { clientId } } })
      expect(refusal).to.include({
        code: 'not_found',
        description: `there is no client ${clientId}`,
      })
    })
  }

  it('refuses a route without the parameter', async () => {
    expect((await given.run(read)).refusal?.code).to.equal('not_found')
  })
})
