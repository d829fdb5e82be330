import { expect } from 'chai'
import { Refusal } from '../../engine/policy/refusal.ts'
import type { Client } from '../../oauth/records.ts'
import { adapters, type OAuth, openOAuth } from './open-oauth.ts'

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = { value: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', method: 'S256' } as const

for (const [adapter, use] of Object.entries(adapters)) {
  describe(`Races on ${adapter}`, () => {
    const place = use()
    let oauth: OAuth
    let client: Client
    beforeEach(async () => {
      oauth = await openOAuth({ place })
      client = await oauth.register({ clientId: 'app' })
    })
    afterEach(() => oauth?.close())

    const terms = { accessLifetime: 60, refreshLifetime: 600 }
    const scopes = ['read']
    const atOnce = <Outcome>(count: number, work: (turn: number) => Promise<Outcome>) =>
      Promise.all(Array.from({ length: count }, (_, turn) => work(turn)))
    const countLiving = async () =>
      (await oauth.store.listByClient('app', { limit: 1000 })).items.length

    it('let one of 20 redeem a code, and leave nothing of what it bought', async () => {
      const authorization = await oauth.authorize(client, 'john', scopes)
      for (let round = 0; round < 5; round += 1) {
        const request = { client, authorization, scopes, lifetime: 60, challenge: CHALLENGE }
        const { code } = await oauth.store.codes.issue(request)
        const presented = { client, verifier: VERIFIER }
        const outcomes = await atOnce(20, () => oauth.store.redeem(code.reveal(), presented, terms))
        const granted = outcomes.filter((outcome) => !(outcome instanceof Refusal))
        expect(granted.length).to.be.at.most(1)
        expect(oauth.events.splice(0)).to.have.length(19)
        // The 19 others have replayed the code: what it bought is dead, whoever was first.
        expect(await countLiving()).to.equal(0)
      }
    })

    it('let one of 20 refresh without grace, and end the family', async () => {
      const authorization = await oauth.authorize(client, 'john', scopes)
      const { refresh } = await oauth.store.start({ client, scopes, authorization, terms })
      const text = refresh?.token.reveal() ?? ''
      const outcomes = await atOnce(20, () => oauth.store.refresh(text, client, terms))
      expect(outcomes.filter((outcome) => !(outcome instanceof Refusal))).to.have.length(1)
      expect(oauth.events).to.have.length(1)
      expect(await countLiving()).to.equal(0)
    })

    it('let all of 8 refresh with grace, and leave one family alive', async () => {
      const authorization = await oauth.authorize(client, 'john', scopes)
      const { refresh } = await oauth.store.start({ client, scopes, authorization, terms })
      const text = refresh?.token.reveal() ?? ''
      const withGrace = { ...terms, grace: 10 }
      const outcomes = await atOnce(8, () => oauth.store.refresh(text, client, withGrace))
      expect(outcomes.filter((outcome) => outcome instanceof Refusal)).to.deep.equal([])
      expect(oauth.events).to.deep.equal([])
      oauth.wait(10)
      const living = (await oauth.store.listByClient('app', { limit: 1000 })).items
      expect(living.filter(({ value }) => value.kind === 'refresh')).to.have.length(1)
    })

    it('leave no token alive that a grant mints while the authorization is revoked', async () => {
      for (let round = 0; round < 10; round += 1) {
        const minted = atOnce(10, async (turn) => {
          const authorization = await oauth.authorize(client, 'john', [`s${turn}`])
          const { token } = await oauth.store.issue({
            kind: 'access',
            client,
            scopes: [`s${turn}`],
            lifetime: 60,
            authorization,
          })
          return { id: authorization.id, text: token.reveal() }
        })
        const revoked = atOnce(3, () => oauth.store.authorizations.revoke('app', 'john'))
        const [tokens] = await Promise.all([minted, revoked])
        const current = await oauth.store.authorizations.find('app', 'john')
        for (const { id, text } of tokens) {
          const { alive } = await oauth.store.lookUp(text)
          expect(alive, 'alive').to.equal(id === current?.id)
        }
        await oauth.store.authorizations.revoke('app', 'john')
        expect(await countLiving()).to.equal(0)
      }
    })

    it('leave an authorization whole that is granted, narrowed and imposed on at once', async () => {
      const { authorizations } = oauth.store
      await oauth.authorize(client, 'john', ['a', 'b'])
      await atOnce(30, async (turn) => {
        if (turn % 3 === 0) await oauth.authorize(client, 'john', [`s${turn}`])
        else if (turn % 3 === 1) await authorizations.narrow('app', 'john', ['a', `s${turn - 1}`])
        else await authorizations.impose('app', 'john', ['a', `t${turn}`])
      })
      const found = await authorizations.find('app', 'john')
      if (found === undefined) throw new Error('the authorization is gone')
      expect(found.imposed?.revision).to.be.at.most(found.revision)
      expect(Object.keys(found.granted)).to.include.members([...found.consented])
      expect(Math.max(...Object.values(found.granted))).to.be.at.most(found.revision)
    })

    it('let one of 20 create a family that is ended at the same time, or none', async () => {
      const { families } = oauth.store
      const family = { client: 'app', current: 'r', expires: oauth.now() + 1000 }
      const created = await atOnce(20, (turn) =>
        turn === 10
          ? families.end('f', 'app').then(() => false)
          : families.create({ id: 'f', ...family }),
      )
      expect(created.filter(Boolean).length).to.be.at.most(1)
      expect((await families.find('f'))?.state).to.equal('revoked')
    })
  })
}
