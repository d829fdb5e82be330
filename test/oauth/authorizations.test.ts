import { expect } from 'chai'
import { authorizationKey } from '../../oauth/authorizations.ts'
import { type OAuth, openOAuth } from './open-oauth.ts'

describe('Authorizations', () => {
  let oauth: OAuth
  beforeEach(async () => {
    oauth = await openOAuth()
  })
  afterEach(() => oauth.close())

  const grant = (owner: string, scopes: string[], application = 'shop') =>
    oauth.store.authorizations.grant({
      application,
      owner,
      scopes,
      consented: true,
      tokensUntil: oauth.now() + 1000,
    })
  const find = (owner: string, application = 'shop') =>
    oauth.store.authorizations.find(application, owner)

  it('are one for each application and owner, however often and parallel they are granted', async () => {
    const scopes = Array.from({ length: 20 }, (_, place) => `s${place}`)
    const all = await Promise.all(scopes.map((scope) => grant('john', [scope])))
    expect(new Set(all.map(({ authorization }) => authorization.id)).size).to.equal(1)
    const found = await find('john')
    expect(Object.keys(found?.granted ?? {})).to.have.members(scopes)
    expect(found?.consented).to.have.members(scopes)
    expect(new Set(Object.values(found?.granted ?? {})).size, 'revisions').to.equal(20)
  })

  it('are not mixed up by names that read the same together', async () => {
    await grant('b,c', ['read'], 'a')
    expect(await find('c', 'a,b')).to.equal(undefined)
    expect(authorizationKey('a', 'b')).not.to.equal(authorizationKey('ab', ''))
  })

  it('get a new id when they are granted after a revocation', async () => {
    const { authorization: before } = await grant('john', ['read'])
    expect(await oauth.store.authorizations.revoke('shop', 'john')).to.equal(true)
    expect(await oauth.store.authorizations.revoke('shop', 'john')).to.equal(false)
    const { authorization: after } = await grant('john', ['read'])
    expect(after.id).not.to.equal(before.id)
  })

  it('are revoked by id only while they have that id', async () => {
    const { authorization: before } = await grant('john', ['read'])
    await oauth.store.authorizations.revoke('shop', 'john')
    expect(await oauth.store.authorizations.revoke('shop', 'john', before.id)).to.equal(false)
    const { authorization: after } = await grant('john', ['read'])
    expect(await oauth.store.authorizations.revoke('shop', 'john', before.id)).to.equal(false)
    expect(await find('john')).to.deep.equal(after)
    expect(await oauth.store.authorizations.revoke('shop', 'john', after.id)).to.equal(true)
  })

  it('are not made by narrowing or imposing', async () => {
    expect(await oauth.store.authorizations.narrow('shop', 'john', [])).to.equal(undefined)
    expect(await oauth.store.authorizations.impose('shop', 'john', ['a'])).to.equal(undefined)
    expect(await find('john')).to.equal(undefined)
  })

  it('come back under a new id, and with no consent to what is not granted', async () => {
    const { authorization: before } = await grant('john', ['read'])
    await oauth.store.authorizations.revoke('shop', 'john')
    const exported = { ...before, consented: ['read', 'admin'] }
    const restored = await oauth.store.authorizations.restore(exported)
    expect(restored.id).not.to.equal(before.id)
    expect(restored).to.deep.include({ granted: { read: 1 }, consented: ['read'] })
    expect(await find('john')).to.deep.equal(restored)
  })

  it('are listed by owner and by application, page by page', async () => {
    for (const owner of ['john', 'jane', 'jack']) await grant(owner, ['read'])
    await grant('john', ['read'], 'mail')
    const first = await oauth.store.authorizations.listByApplication('shop', {
      limit: 2,
      total: true,
    })
    expect(first.items.map(({ owner }) => owner)).to.deep.equal(['john', 'jane'])
    expect(first.total).to.equal(3)
    const { next: cursor = '' } = first
    const second = await oauth.store.authorizations.listByApplication('shop', { limit: 2, cursor })
    expect(second.items.map(({ owner }) => owner)).to.deep.equal(['jack'])
    expect(second).not.to.have.property('next')
    const owned = await oauth.store.authorizations.listByOwner('john', { limit: 10 })
    expect(owned.items.map(({ application }) => application)).to.deep.equal(['shop', 'mail'])
  })
})
