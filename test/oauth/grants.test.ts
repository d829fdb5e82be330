import { expect } from 'chai'
import { Refusal } from '../../engine/policy/refusal.ts'
import type { Granted } from '../../oauth/grants.ts'
import type { Client } from '../../oauth/records.ts'
import { type OAuth, openOAuth } from './open-oauth.ts'

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = { value: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', method: 'S256' } as const
const REDIRECT = 'https://app.example/cb'

describe('Grants', () => {
  let oauth: OAuth
  let client: Client
  beforeEach(async () => {
    oauth = await openOAuth()
    client = await oauth.register({ clientId: 'app' })
  })
  afterEach(() => oauth.close())

  const terms = { accessLifetime: 60, refreshLifetime: 600 }
  const textOf = (
    granted: Granted | Refusal | undefined,
    kind: 'access' | 'refresh' = 'access',
  ) => {
    if (granted === undefined || granted instanceof Refusal) throw new Error('nothing was granted')
    return granted[kind]?.token.reveal() ?? ''
  }
  const saidOf = (outcome: Granted | Refusal) =>
    outcome instanceof Refusal
      ? `${outcome.code}, ${outcome.detail ?? outcome.description}`
      : 'granted'
  const isAlive = async (text: string) => (await oauth.store.lookUp(text)).alive
  async function start(scopes = ['read', 'write'], rest: object = {}) {
    const authorization = await oauth.authorize(client, 'john', scopes)
    return oauth.store.start({ client, scopes, authorization, terms: { ...terms, ...rest } })
  }

  describe('by code', () => {
    const well = { redirectUri: REDIRECT, verifier: VERIFIER }
    async function issueCode(rest: object = {}) {
      const authorization = await oauth.authorize(client, 'john', ['read', 'write'])
      const { code } = await oauth.store.codes.issue({
        client,
        authorization,
        scopes: ['read', 'write'],
        lifetime: 60,
        redirectUri: REDIRECT,
        challenge: CHALLENGE,
        ...rest,
      })
      return code.reveal()
    }
    const redeem = (code: string, by = client, rest: object = {}) =>
      oauth.store.redeem(code, { client: by, ...well }, { ...terms, ...rest })

    it('give tokens that carry what the code carried', async () => {
      const granted = await redeem(
        await issueCode({ audience: ['api'], metadata: { tier: 'gold' } }),
      )
      const { token, alive, scopes } = await oauth.store.lookUp(textOf(granted))
      expect({ alive, scopes }).to.deep.equal({ alive: true, scopes: ['read', 'write'] })
      expect(token).to.deep.include({
        kind: 'access',
        owner: 'john',
        audience: ['api'],
        metadata: { tier: 'gold' },
      })
      expect(await isAlive(textOf(granted, 'refresh'))).to.equal(true)
    })

    it('end with a valid replay, without refresh token as well', async () => {
      for (const refreshLifetime of [600, undefined]) {
        const code = await issueCode()
        const granted = await redeem(code, client, { refreshLifetime })
        expect(await isAlive(textOf(granted))).to.equal(true)
        expect(saidOf(await redeem(code))).to.equal('invalid_grant, replay')
        expect(await isAlive(textOf(granted))).to.equal(false)
        expect(oauth.events.splice(0)).to.have.deep.nested.property('[0].event', 'code-replay')
      }
    })

    it('end with a replay also after they were refreshed', async () => {
      const code = await issueCode()
      const refresh = textOf(await redeem(code), 'refresh')
      const next = await oauth.store.refresh(refresh, client, terms)
      await redeem(code)
      expect(await isAlive(textOf(next))).to.equal(false)
      expect(await isAlive(textOf(next, 'refresh'))).to.equal(false)
    })

    it('are left alone by an invalid replay', async () => {
      const code = await issueCode()
      const granted = await redeem(code)
      const other = await oauth.register({ clientId: 'other' })
      await redeem(code, other)
      await oauth.store.redeem(code, { client, ...well, redirectUri: 'https://x.example' }, terms)
      await oauth.store.redeem(code, { client, ...well, verifier: 'x'.repeat(43) }, terms)
      expect(await isAlive(textOf(granted))).to.equal(true)
      expect(oauth.events).to.deep.equal([])
    })

    it('give nothing once the authorization is gone, or another has taken its place', async () => {
      const [first, second] = [await issueCode(), await issueCode()]
      await oauth.store.authorizations.revoke('app', 'john')
      expect(saidOf(await redeem(first))).to.equal('invalid_grant, authorization-gone')
      await oauth.authorize(client, 'john', ['read', 'write'])
      expect(saidOf(await redeem(second))).to.equal('invalid_grant, authorization-gone')
    })

    it('give nothing once the time of the authorization is over', async () => {
      const code = await issueCode({ lifetime: 200_000 })
      oauth.wait(86_400)
      expect(saidOf(await redeem(code))).to.equal('invalid_grant, authorization-over')
    })

    it('give only the scopes that were not taken meanwhile', async () => {
      const code = await issueCode()
      await oauth.store.authorizations.narrow('app', 'john', ['read'])
      await oauth.authorize(client, 'john', ['write'])
      const granted = await redeem(code)
      expect(granted).to.have.property('scopes').that.deep.equals(['read'])
      expect((await oauth.store.lookUp(textOf(granted))).scopes).to.deep.equal(['read'])
    })
  })

  describe('by refresh token', () => {
    const refresh = (text: string, rest: object = {}, by = client) =>
      oauth.store.refresh(text, by, { ...terms, ...rest })

    it('give a new pair and leave the access tokens of before', async () => {
      const first = await start()
      const second = await refresh(textOf(first, 'refresh'))
      expect(await isAlive(textOf(first))).to.equal(true)
      expect(await isAlive(textOf(first, 'refresh'))).to.equal(false)
      expect(await isAlive(textOf(second))).to.equal(true)
      expect(await isAlive(textOf(second, 'refresh'))).to.equal(true)
    })

    it('die with all their kin when a displaced one comes again', async () => {
      const first = await start()
      const second = await refresh(textOf(first, 'refresh'))
      expect(saidOf(await refresh(textOf(first, 'refresh')))).to.equal('invalid_grant, reuse')
      for (const text of [textOf(first), textOf(second), textOf(second, 'refresh')]) {
        expect(await isAlive(text)).to.equal(false)
      }
      const [event] = oauth.events
      expect(event).to.deep.include({ event: 'refresh-token-reuse', client: 'app', owner: 'john' })
      expect(saidOf(await refresh(textOf(first, 'refresh')))).to.equal(
        'invalid_grant, family-ended',
      )
      expect(oauth.events).to.have.length(1)
    })

    it('survive a lost answer within the grace', async () => {
      const first = await start()
      await refresh(textOf(first, 'refresh'), { grace: 10 })
      const again = await refresh(textOf(first, 'refresh'), { grace: 10 })
      expect(await isAlive(textOf(again, 'refresh'))).to.equal(true)
      expect(oauth.events).to.deep.equal([])
    })

    it('are refused to another client, whose attempt changes nothing', async () => {
      const first = await start()
      const second = await refresh(textOf(first, 'refresh'))
      const other = await oauth.register({ clientId: 'other', applicationId: 'app' })
      for (const granted of [first, second]) {
        const said = saidOf(await refresh(textOf(granted, 'refresh'), {}, other))
        expect(said).to.equal('invalid_grant, issued to another client')
      }
      expect(await isAlive(textOf(second, 'refresh'))).to.equal(true)
    })

    it('are refused where they are none, unknown or over', async () => {
      const granted = await start()
      expect(saidOf(await refresh(textOf(granted)))).to.equal('invalid_grant, unknown')
      expect(saidOf(await refresh('nobody'))).to.equal('invalid_grant, unknown')
      await oauth.registry.setEnabled('app', false)
      expect(saidOf(await refresh(textOf(granted, 'refresh')))).to.equal(
        'invalid_grant, client-disabled',
      )
      await oauth.registry.setEnabled('app', true)
      oauth.wait(600)
      expect(saidOf(await refresh(textOf(granted, 'refresh')))).to.equal('invalid_grant, unknown')
    })

    it('give fewer scopes to the access token if asked, and keep all of their own', async () => {
      const first = await start()
      const second = await refresh(textOf(first, 'refresh'), { requested: ['read'] })
      expect((await oauth.store.lookUp(textOf(second))).scopes).to.deep.equal(['read'])
      const third = await refresh(textOf(second, 'refresh'))
      expect((await oauth.store.lookUp(textOf(third))).scopes).to.deep.equal(['read', 'write'])
    })

    it('give no scope that they do not have, and are not used up by asking', async () => {
      const { refresh: issued } = await start()
      const text = issued?.token.reveal() ?? ''
      const refused = await refresh(text, { requested: ['read', 'admin'] })
      expect(saidOf(refused)).to.equal('invalid_scope, not granted: admin')
      expect(saidOf(await refresh(text))).to.equal('granted')
    })

    it('cannot win back what was taken', async () => {
      const first = await start()
      await oauth.store.authorizations.narrow('app', 'john', ['read'])
      await oauth.authorize(client, 'john', ['write'])
      const second = await refresh(textOf(first, 'refresh'))
      expect(second).to.have.property('scopes').that.deep.equals(['read'])
      const third = await refresh(textOf(second, 'refresh'), { requested: ['write'] })
      expect(saidOf(third)).to.equal('invalid_scope, not granted: write')
    })

    it('hand on what belongs to the grant', async () => {
      const first = await start(['read'], {
        audience: ['api'],
        metadata: { tier: 'gold' },
        api: 'p',
      })
      const second = await refresh(textOf(first, 'refresh'))
      expect((await oauth.store.lookUp(textOf(second))).token).to.deep.include({
        audience: ['api'],
        metadata: { tier: 'gold' },
        api: 'p',
      })
    })

    it('live on by being refreshed, but never longer than the authorization', async () => {
      let granted: Granted | Refusal = await start()
      for (let turn = 0; turn < 200; turn += 1) {
        oauth.wait(500)
        const next: Granted | Refusal = await refresh(textOf(granted, 'refresh'))
        if (next instanceof Refusal) break
        granted = next
      }
      const end = Date.UTC(2026, 0, 1) + 86_400_000
      expect(granted).to.have.nested.property('refresh.record.expires', end)
      expect(oauth.now()).to.be.within(end, end + 500_000)
    })
  })

  it('leave nothing alive if they break off before their family is written', async () => {
    const down = new Error('the store is down')
    const { update } = oauth.records.families
    oauth.records.families.update = () => Promise.reject(down)
    expect(await start().catch((error: Error) => error)).to.equal(down)
    oauth.records.families.update = update
    expect((await oauth.records.tokens.size()).records).to.equal(2)
    expect((await oauth.store.listByClient('app', { limit: 10 })).items).to.deep.equal([])
  })
})
