import { expect } from 'chai'
import type { Unavailable } from '../../engine/policy/fault.ts'
import { lookUpToken } from '../../oauth/look-up.ts'
import type { Client } from '../../oauth/records.ts'
import { type OAuth, openOAuth } from './open-oauth.ts'

describe('Looking up a token', () => {
  let oauth: OAuth
  let client: Client
  beforeEach(async () => {
    oauth = await openOAuth({ keepExpired: 100 })
    client = await oauth.register({ clientId: 'app' })
  })
  afterEach(() => oauth.close())

  async function issue(scopes = ['read', 'write']) {
    const authorization = await oauth.authorize(client, 'john', scopes)
    const terms = { accessLifetime: 60, refreshLifetime: 600 }
    const { access, refresh } = await oauth.store.start({ client, scopes, authorization, terms })
    return { access: access.token.reveal(), refresh: refresh?.token.reveal() ?? '' }
  }
  const reason = async (text: string) => {
    const found = await oauth.store.lookUp(text)
    expect(found.alive ? [] : found.scopes).to.deep.equal([])
    return found.alive ? 'alive' : found.reason
  }

  it('finds it with all that it hangs on', async () => {
    const { access } = await issue()
    const found = await oauth.store.lookUp(access)
    expect(found).to.deep.include({ alive: true, client, scopes: ['read', 'write'] })
    expect(found).to.have.nested.property('token.owner', 'john')
    expect(found).to.have.nested.property('authorization.owner', 'john')
    expect(found).to.have.nested.property('family.state', 'live')
  })

  it('finds one without owner that hangs on its client alone', async () => {
    const { token } = await oauth.store.issue({ kind: 'access', client, scopes: [], lifetime: 60 })
    const found = await oauth.store.lookUp(token.reveal())
    expect(found).to.have.all.keys('alive', 'token', 'client', 'scopes')
  })

  it('says nothing of a text that is no token of ours', async () => {
    for (const text of ['', 'nobody', 'x'.repeat(100_000), '\0', '\ud800']) {
      expect(await oauth.store.lookUp(text)).to.deep.equal({
        alive: false,
        reason: 'unknown',
        scopes: [],
      })
    }
  })

  it('tells expired from unknown as long as expired ones are kept', async () => {
    const { access } = await issue()
    oauth.wait(59)
    expect(await reason(access)).to.equal('alive')
    oauth.wait(1)
    expect(await reason(access)).to.equal('expired')
    oauth.wait(100)
    expect(await reason(access)).to.equal('unknown')
  })

  it('finds all tokens dead while their client is disabled, and alive again after', async () => {
    const { access, refresh } = await issue()
    await oauth.registry.setEnabled('app', false)
    expect([await reason(access), await reason(refresh)]).to.deep.equal(
      Array(2).fill('client-disabled'),
    )
    await oauth.registry.setEnabled('app', true)
    expect([await reason(access), await reason(refresh)]).to.deep.equal(['alive', 'alive'])
  })

  it('finds them dead for good once their client is removed, though one of its name comes', async () => {
    const { access } = await issue()
    await oauth.registry.remove('app')
    expect(await reason(access)).to.equal('client-gone')
    await oauth.register({ clientId: 'app' })
    expect(await reason(access)).to.equal('client-epoch')
    await oauth.registry.restore(client)
    expect(await reason(access)).to.equal('client-epoch')
  })

  it('finds them dead for good once their authorization is revoked, though it is granted again', async () => {
    const { access, refresh } = await issue()
    await oauth.store.authorizations.revoke('app', 'john')
    expect(await reason(access)).to.equal('authorization-gone')
    await oauth.authorize(client, 'john', ['read'])
    expect([await reason(access), await reason(refresh)]).to.deep.equal(
      Array(2).fill('authorization-gone'),
    )
  })

  it('finds them dead once their family is ended', async () => {
    const { access, refresh } = await issue()
    const found = await oauth.store.lookUp(access)
    await oauth.store.families.end(found.token?.family ?? '', 'app')
    expect([await reason(access), await reason(refresh)]).to.deep.equal(
      Array(2).fill('family-ended'),
    )
  })

  it('finds a displaced refresh token dead', async () => {
    const { refresh } = await issue()
    const terms = { accessLifetime: 60, refreshLifetime: 600, grace: 10 }
    await oauth.store.refresh(refresh, client, terms)
    expect(await reason(refresh)).to.equal('alive')
    oauth.wait(10)
    expect(await reason(refresh)).to.equal('rotated')
  })

  it('gives it the scopes that it has now', async () => {
    const { access } = await issue()
    await oauth.store.authorizations.narrow('app', 'john', ['write'])
    expect((await oauth.store.lookUp(access)).scopes).to.deep.equal(['write'])
    await oauth.store.authorizations.impose('app', 'john', ['admin'])
    expect((await oauth.store.lookUp(access)).scopes).to.deep.equal(['admin'])
  })

  it('calls nothing dead that it could not look up', async () => {
    const { access } = await issue()
    for (const broken of ['tokens', 'clients', 'authorizations', 'families'] as const) {
      const down = new Error('the store is down')
      const get = () => Promise.reject(down)
      const records = {
        ...oauth.records,
        now: oauth.now,
        [broken]: { ...oauth.records[broken], get },
      }
      const failure = await lookUpToken(records, access).catch((error: Unavailable) => error)
      expect(failure, broken).to.equal(down)
    }
  })

  it('asks each store once, and no store in which nothing can be', async () => {
    const { access } = await issue()
    const { token } = await oauth.store.issue({ kind: 'access', client, scopes: [], lifetime: 60 })
    const reads: string[] = []
    const records = Object.fromEntries(
      Object.entries(oauth.records).map(([name, store]) => {
        const get = (key: string) => {
          if (key !== '') reads.push(name)
          return store.get(key)
        }
        return [name, { ...store, get }]
      }),
    ) as typeof oauth.records
    await lookUpToken({ ...records, now: oauth.now }, token.reveal())
    expect(reads.splice(0)).to.deep.equal(['tokens', 'clients'])
    await lookUpToken({ ...records, now: oauth.now }, access)
    expect(reads.splice(0)).to.deep.equal(['tokens', 'clients', 'authorizations', 'families'])
  })
})

describe('A list of tokens', () => {
  it('shows the living only and fills its pages past the dead', async () => {
    const oauth = await openOAuth()
    const client = await oauth.register({ clientId: 'app' })
    const john = await oauth.authorize(client, 'john', ['read'])
    const jane = await oauth.authorize(client, 'jane', ['read'])
    const issue = async (authorization: typeof john) =>
      (await oauth.store.issue({ kind: 'access', client, scopes: [], lifetime: 60, authorization }))
        .id
    const ids = []
    for (let turn = 0; turn < 12; turn += 1) {
      await issue(john)
      ids.push(await issue(jane))
    }
    await oauth.store.authorizations.revoke('app', 'john')

    const first = await oauth.store.listByClient('app', { limit: 5 })
    expect(first.items.map((row) => row.key)).to.deep.equal(ids.slice(0, 5))
    const { next: cursor = '' } = first
    const second = await oauth.store.listByClient('app', { limit: 100, cursor })
    expect(second.items.map((row) => row.key)).to.deep.equal(ids.slice(5))
    expect(second).not.to.have.property('next')

    expect((await oauth.store.listByOwner('john', { limit: 5 })).items).to.deep.equal([])
    const owned = await oauth.store.listByOwner('jane', { limit: 100 })
    expect(owned.items.map((row) => row.key)).to.deep.equal(ids)
    const under = await oauth.store.listByAuthorization(jane.id, { limit: 100 })
    expect(under.items.map((row) => row.key)).to.deep.equal(ids)
    await oauth.close()
  })

  it('ends its search after a bounded number of pages, and goes on from there', async () => {
    const oauth = await openOAuth()
    const client = await oauth.register({ clientId: 'app' })
    const john = await oauth.authorize(client, 'john', [])
    const request = { kind: 'access', client, scopes: [], lifetime: 60 } as const
    for (let turn = 0; turn < 15; turn += 1) {
      await oauth.store.issue({ ...request, authorization: john })
    }
    await oauth.store.authorizations.revoke('app', 'john')
    const { id } = await oauth.store.issue(request)

    const first = await oauth.store.listByClient('app', { limit: 1 })
    expect(first.items).to.deep.equal([])
    const { next: cursor = '' } = first
    const second = await oauth.store.listByClient('app', { limit: 1, cursor })
    expect(second.items.map((row) => row.key)).to.deep.equal([id])
    await oauth.close()
  })
})
