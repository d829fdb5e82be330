import { expect } from 'chai'
import type { Client } from '../../oauth/records.ts'
import type { RevokeOptions } from '../../oauth/revocation.ts'
import { type OAuth, openOAuth } from './open-oauth.ts'

describe('Revoking', () => {
  let oauth: OAuth
  let client: Client
  beforeEach(async () => {
    oauth = await openOAuth({ keepExpired: 100 })
    client = await oauth.register({ clientId: 'app' })
  })
  afterEach(() => oauth.close())

  const terms = { accessLifetime: 60, refreshLifetime: 600 }
  async function start(owner = 'john') {
    const authorization = await oauth.authorize(client, owner, ['read'])
    const scopes = ['read']
    const { access, refresh } = await oauth.store.start({ client, scopes, authorization, terms })
    return { access: access.token.reveal(), refresh: refresh?.token.reveal() ?? '' }
  }
  const revoke = async (text: string, options?: RevokeOptions, by = client) =>
    (await oauth.store.revoke(text, by, options)).result
  const living = async (tokens: Record<string, string>) => {
    const names = []
    for (const [name, text] of Object.entries(tokens)) {
      if ((await oauth.store.lookUp(text)).alive) names.push(name)
    }
    return names
  }

  it('an access token leaves its refresh token, and other grants of the owner', async () => {
    const [tokens, others] = [await start(), await start()]
    expect(await revoke(tokens.access)).to.equal('revoked')
    expect(await living(tokens)).to.deep.equal(['refresh'])
    expect(await living(others)).to.deep.equal(['access', 'refresh'])
  })

  it('an access token with its refresh token ends all that came of the grant', async () => {
    const [tokens, others] = [await start(), await start()]
    expect(await revoke(tokens.access, { alsoRemove: 'refresh' })).to.equal('revoked')
    expect(await living(tokens)).to.deep.equal([])
    expect(await living(others)).to.deep.equal(['access', 'refresh'])
  })

  it('an access token with its authorization ends all that the owner granted the application', async () => {
    const [tokens, others, janes] = [await start(), await start(), await start('jane')]
    expect(await revoke(tokens.access, { alsoRemove: 'authorization' })).to.equal('revoked')
    expect(await living({ ...tokens, more: others.access })).to.deep.equal([])
    expect(await living(janes)).to.deep.equal(['access', 'refresh'])
    expect(await oauth.store.authorizations.find('app', 'john')).to.equal(undefined)
  })

  it('a refresh token ends its access tokens too', async () => {
    const [tokens, others] = [await start(), await start()]
    expect(await revoke(tokens.refresh)).to.equal('revoked')
    expect(await living(tokens)).to.deep.equal([])
    expect(await living(others)).to.deep.equal(['access', 'refresh'])
  })

  it('a displaced refresh token ends what came after it', async () => {
    const { refresh } = await start()
    const next = await oauth.store.refresh(refresh, client, terms)
    expect(await revoke(refresh)).to.equal('revoked')
    const later = 'access' in next ? next.access.token.reveal() : ''
    expect(await living({ later })).to.deep.equal([])
  })

  it('an old token leaves alone the authorization that was granted since', async () => {
    const { access } = await start()
    await oauth.store.authorizations.revoke('app', 'john')
    const tokens = await start()
    expect(await revoke(access, { alsoRemove: 'authorization' })).to.equal('revoked')
    expect(await living(tokens)).to.deep.equal(['access', 'refresh'])
  })

  it('once more, or what is expired or nobody knows, changes nothing', async () => {
    const { access, refresh } = await start()
    await revoke(access)
    expect(await revoke(access, { alsoRemove: 'authorization' })).to.equal('unknown')
    expect(await revoke('nobody')).to.equal('unknown')
    expect(await revoke('x'.repeat(100_000))).to.equal('unknown')
    const other = await start()
    oauth.wait(60)
    expect(await revoke(other.access, { alsoRemove: 'authorization' })).to.equal('unknown')
    expect(await living({ refresh })).to.deep.equal(['refresh'])
  })

  it('another client’s token is refused and changes nothing', async () => {
    const tokens = await start()
    const other = await oauth.register({ clientId: 'other', applicationId: 'app' })
    for (const text of Object.values(tokens)) {
      expect(await revoke(text, { alsoRemove: 'authorization' }, other)).to.equal('foreign')
    }
    expect(await living(tokens)).to.deep.equal(['access', 'refresh'])
  })

  it('a token of the client before it was made anew changes nothing', async () => {
    const { access } = await start()
    const { client: anew } = await oauth.registry.replace({
      clientId: 'app',
      type: 'confidential',
    })
    expect(await revoke(access, { alsoRemove: 'authorization' }, anew)).to.equal('unknown')
    expect(await oauth.store.authorizations.find('app', 'john')).not.to.equal(undefined)
  })

  it('by id is for the operator, whoever the token was issued to', async () => {
    const tokens = await start()
    const [row] = (await oauth.store.listByOwner('john', { limit: 1 })).items
    expect(await oauth.store.revokeById(row?.key ?? '')).to.deep.equal(row?.value)
    expect(await living(tokens)).to.have.length(row?.value.kind === 'access' ? 1 : 0)
    expect(await oauth.store.revokeById(row?.key ?? '')).to.equal(undefined)
    for (const id of ['', 'x', '\0', 'x'.repeat(5000)]) {
      expect(await oauth.store.revokeById(id)).to.equal(undefined)
    }
  })

  it('can be repeated after it broke off: the token is found until all is done', async () => {
    for (const broken of ['authorizations', 'families', 'tokens'] as const) {
      const tokens = await start()
      const method = { authorizations: 'update', families: 'update', tokens: 'delete' } as const
      const down = new Error('the store is down')
      const store = oauth.records[broken]
      const whole = Reflect.get(store, method[broken])
      Reflect.set(store, method[broken], () => Promise.reject(down))
      const options = { alsoRemove: 'authorization' } as const
      const failure = await revoke(tokens.access, options).catch((error: Error) => error)
      Reflect.set(store, method[broken], whole)
      expect(failure).to.equal(down)
      expect(await revoke(tokens.access, options)).to.equal('revoked')
      expect(await living(tokens)).to.deep.equal([])
    }
  })
})
