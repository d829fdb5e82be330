import { expect } from 'chai'
import type { RequestSpec } from '../../../engine/policy/testing/test-request.ts'
import revoke from '../../../filters/token/revoke.ts'
import type { Client } from '../../../oauth/index.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

const store = 'OAuth Access Token Store'

describe('token/revoke', () => {
  let given: FilterServices
  let client: Client
  let other: Client

  beforeEach(async () => {
    given = await openFilterServices()
    client = await given.register({ clientId: 'app' })
    other = await given.register({ clientId: 'other' })
  })
  afterEach(() => given.close())

  const attempt = (token: string, { by = client, ...config }: Settings = {}) =>
    given.run(revoke, {
      config: { store, ...config },
      request: { form: { token } },
      attributes: { 'oauth.client.details': by },
    })
  const isAlive = async (token: string) => (await given.store.lookUp(token)).alive

  async function accessToken(owner: Client = client): Promise<string> {
    const request = { kind: 'access', client: owner, scopes: [], lifetime: 60 } as const
    return (await given.store.issue(request)).token.reveal()
  }

  /** Two families of tokens under one authorization. */
  async function granted() {
    const authorization = await given.authorize(client, 'john', ['read'])
    const terms = { accessLifetime: 60, refreshLifetime: 600 }
    const start = async () => {
      const tokens = await given.store.start({ client, scopes: ['read'], authorization, terms })
      return [tokens.access.token.reveal(), tokens.refresh?.token.reveal() ?? ''] as const
    }
    const [access, refresh] = await start()
    const [otherAccess, otherRefresh] = await start()
    return { access, refresh, otherAccess, otherRefresh }
  }

  it('revokes a token of the client, and writes which it was', async () => {
    const token = await accessToken()
    const { outcome, message } = await attempt(token)
    expect(outcome).to.equal('success')
    expect(message.get('oauth.token.details')).to.include({ client: 'app', kind: 'access' })
    expect(await isAlive(token)).to.equal(false)
  })

  it('revokes that token only', async () => {
    const [first, second] = [await accessToken(), await accessToken()]
    await attempt(first)
    expect(await isAlive(second)).to.equal(true)
  })

  it('is content with a token that is revoked already', async () => {
    const token = await accessToken()
    await attempt(token)
    const { outcome, message } = await attempt(token)
    expect(outcome).to.equal('success')
    expect(message.has('oauth.token.details')).to.equal(false)
  })

  it('is content with a token that has expired', async () => {
    const token = await accessToken()
    given.wait(60)
    expect((await attempt(token)).outcome).to.equal('success')
  })

  const unknown = ['x', 'a b', '\u0000', '\ud800', '💣', '__proto__', 'x'.repeat(50_000)]
  for (const token of unknown) {
    it(`is content with the unknown token ${JSON.stringify(token).slice(0, 20)}`, async () => {
      expect((await attempt(token)).outcome).to.equal('success')
    })
  }

  it('refuses a token of another client, says so, and leaves it alive', async () => {
    const token = await accessToken(other)
    const { refusal } = await attempt(token, { alsoRemove: 'authorization' })
    expect(refusal).to.include({
      code: 'unauthorized_client',
      description: 'the token was issued to another client',
    })
    expect(await isAlive(token)).to.equal(true)
  })

  it('revokes for a public client what was issued to it, and nothing else', async () => {
    const open = await given.register({ clientId: 'open', type: 'public' })
    const [own, foreign] = [await accessToken(open), await accessToken(client)]
    expect((await attempt(own, { by: open })).outcome).to.equal('success')
    expect((await attempt(foreign, { by: open })).refusal?.code).to.equal('unauthorized_client')
    expect([await isAlive(own), await isAlive(foreign)]).to.deep.equal([false, true])
  })

  it('takes a hint for no more than a hint', async () => {
    for (const token_type_hint of ['refresh_token', 'access_token', 'saml', '']) {
      const token = await accessToken()
      await given.run(revoke, {
        config: { store },
        request: { form: { token, token_type_hint } },
        attributes: { 'oauth.client.details': client },
      })
      expect(await isAlive(token)).to.equal(false)
    }
  })

  describe('taking more with it', () => {
    type Name = 'access' | 'refresh' | 'otherAccess' | 'otherRefresh'
    const cases: readonly [string, Name, readonly Name[]][] = [
      ['nothing', 'access', ['refresh', 'otherAccess', 'otherRefresh']],
      ['nothing', 'refresh', ['otherAccess', 'otherRefresh']],
      ['refresh', 'access', ['otherAccess', 'otherRefresh']],
      ['refresh', 'refresh', ['otherAccess', 'otherRefresh']],
      ['authorization', 'access', []],
      ['authorization', 'refresh', []],
    ]
    for (const [alsoRemove, presented, living] of cases) {
      it(`with ${alsoRemove}, a revoked ${presented} token leaves ${living.join(', ') || 'none'}`, async () => {
        const tokens = await granted()
        expect((await attempt(tokens[presented], { alsoRemove })).outcome).to.equal('success')
        const left: string[] = []
        for (const [name, token] of Object.entries(tokens)) {
          if (await isAlive(token)) left.push(name)
        }
        expect(left).to.deep.equal(living)
      })
    }

    it('removes the authorization itself, so that the owner is asked again', async () => {
      const { access } = await granted()
      await attempt(access, { alsoRemove: 'authorization' })
      expect(await given.store.authorizations.find('app', 'john')).to.equal(undefined)
    })

    it('takes nothing with it unless it is told to', async () => {
      const { access, refresh } = await granted()
      await attempt(access)
      expect(await isAlive(refresh)).to.equal(true)
    })

    it('needs none of it to be there', async () => {
      for (const alsoRemove of ['refresh', 'authorization']) {
        const token = await accessToken()
        expect((await attempt(token, { alsoRemove })).outcome).to.equal('success')
        expect(await isAlive(token)).to.equal(false)
      }
    })
  })

  const missing: readonly [string, Partial<RequestSpec>][] = [
    ['no token', {}],
    ['an empty token', { form: { token: '' } }],
    ['a token in the query string', { query: { token: 'x' } }],
  ]
  for (const [what, request] of missing) {
    it(`refuses a request with ${what}`, async () => {
      const attributes = { 'oauth.client.details': client }
      const { refusal } = await given.run(revoke, { config: { store }, request, attributes })
      expect(refusal).to.include({
        code: 'invalid_request',
        description: 'the parameter token is missing',
      })
    })
  }
})

interface Settings {
  readonly by?: Client
  readonly alsoRemove?: string
}
