import { expect } from 'chai'
import remove from '../../../filters/token/remove.ts'
import type { Client } from '../../../oauth/index.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

const store = 'OAuth Access Token Store'

describe('token/remove', () => {
  let given: FilterServices
  let client: Client

  beforeEach(async () => {
    given = await openFilterServices()
    client = await given.register({ clientId: 'app' })
  })
  afterEach(() => given.close())

  const attempt = (id: string, config = {}) =>
    given.run(remove, { config: { store, ...config }, request: { params: { id } } })
  const isAlive = async (token: string) => (await given.store.lookUp(token)).alive
  const issue = (lifetime = 60) =>
    given.store.issue({ kind: 'access', client, scopes: ['read'], lifetime })

  it('revokes whosesoever token has the id, and tells what it was', async () => {
    const { id, token } = await issue()
    const { message } = await attempt(id)
    expect(message.get('oauth.response')).to.deep.equal({
      id,
      kind: 'access',
      client: 'app',
      scopes: ['read'],
      issued: '2026-01-01T00:00:00.000Z',
      expires: '2026-01-01T00:01:00.000Z',
    })
    expect(await isAlive(token.reveal())).to.equal(false)
  })

  it('refuses an id that is gone', async () => {
    const { id } = await issue()
    await attempt(id)
    expect((await attempt(id)).refusal).to.include({
      code: 'not_found',
      description: `there is no token with the id ${id}`,
    })
  })

  it('refuses the id of a token that has expired', async () => {
    const { id } = await issue(10)
    given.wait(10)
    expect((await attempt(id)).refusal?.code).to.equal('not_found')
  })

  it('takes no token for its id', async () => {
    const { token } = await issue()
    expect((await attempt(token.reveal())).refusal?.code).to.equal('not_found')
    expect(await isAlive(token.reveal())).to.equal(true)
  })

  const garbage = ['', 'x', '\u0000', '\ud800', '__proto__', 'A'.repeat(43), 'x'.repeat(5000)]
  for (const id of garbage) {
    it(`refuses the id ${JSON.stringify(id).slice(0, 20)}`, async () => {
      expect((await attempt(id)).refusal?.code).to.equal('not_found')
    })
  }

  const also: readonly [string, readonly [boolean, boolean]][] = [
    ['nothing', [true, true]],
    ['refresh', [false, true]],
    ['authorization', [false, false]],
  ]
  for (const [alsoRemove, expected] of also) {
    it(`takes ${alsoRemove} with an access token`, async () => {
      const authorization = await given.authorize(client, 'john', ['read'])
      const terms = { accessLifetime: 60, refreshLifetime: 600 }
      const start = () => given.store.start({ client, scopes: ['read'], authorization, terms })
      const [first, second] = [await start(), await start()]
      await attempt(first.access.id, { alsoRemove })
      expect(await isAlive(first.access.token.reveal())).to.equal(false)
      const left = [first.refresh, second.refresh].map((token) => token?.token.reveal() ?? '')
      expect(await Promise.all(left.map(isAlive))).to.deep.equal(expected)
    })
  }
})
