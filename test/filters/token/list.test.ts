import { expect } from 'chai'
import type { RequestSpec } from '../../../engine/policy/testing/test-request.ts'
import list from '../../../filters/token/list.ts'
import type { Client } from '../../../oauth/index.ts'
import { adapters } from '../../oauth/open-oauth.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

type Query = NonNullable<RequestSpec['query']>

interface Listed {
  readonly tokens: readonly Readonly<Record<string, unknown>>[]
  readonly next?: string
}

for (const [adapter, use] of Object.entries(adapters)) {
  describe(`token/list on ${adapter}`, () => {
    const place = use()
    let given: FilterServices
    let client: Client

    beforeEach(async () => {
      given = await openFilterServices(place)
      client = await given.register({ clientId: 'app' })
    })
    afterEach(() => given?.close())

    const attempt = (query: Query) => given.run(list, { request: { query } })
    async function listed(query: Query): Promise<Listed> {
      const { message, refusal } = await attempt(query)
      expect(refusal).to.equal(undefined)
      return message.get('oauth.response') as Listed
    }

    async function issue(owner?: string, lifetime = 60) {
      const authorization = owner && (await given.authorize(client, owner, ['read']))
      return given.store.issue({
        kind: 'access',
        client,
        scopes: ['read'],
        lifetime,
        metadata: { device: 'phone' },
        ...(authorization && { authorization }),
      })
    }

    it('lists the tokens of a client by their ids, never by their texts', async () => {
      const { id, token } = await issue('john')
      const page = await listed({ client: 'app' })
      expect(page).to.deep.equal({
        tokens: [
          {
            id,
            kind: 'access',
            client: 'app',
            owner: 'john',
            scopes: ['read'],
            issued: '2026-01-01T00:00:00.000Z',
            expires: '2026-01-01T00:01:00.000Z',
            metadata: { device: 'phone' },
          },
        ],
      })
      expect(JSON.stringify(page)).not.to.include(token.reveal())
    })

    it('lists the tokens of an owner', async () => {
      const { id } = await issue('john')
      await issue('jane')
      await issue()
      expect((await listed({ owner: 'john' })).tokens.map((token) => token.id)).to.deep.equal([id])
    })

    it('lists the living only', async () => {
      const [short, long, revoked] = [await issue(undefined, 10), await issue(), await issue()]
      await given.store.revoke(revoked.token.reveal(), client)
      given.wait(10)
      const { tokens } = await listed({ client: 'app' })
      expect(tokens.map(({ id }) => id))
        .to.deep.equal([long.id])
        .and.not.to.include(short.id)
    })

    it('lists nothing for those that have nothing', async () => {
      for (const query of [{ client: 'nobody' }, { owner: 'nobody' }, { client: '__proto__' }]) {
        expect(await listed(query)).to.deep.equal({ tokens: [] })
      }
    })

    it('goes on where the page before has ended, each token once', async () => {
      const issued: string[] = []
      for (let count = 0; count < 5; count += 1) issued.push((await issue()).id)
      const seen: unknown[] = []
      let page = await listed({ client: 'app', limit: '2' })
      seen.push(...page.tokens.map(({ id }) => id))
      while (page.next !== undefined) {
        page = await listed({ client: 'app', limit: '2', cursor: page.next })
        seen.push(...page.tokens.map(({ id }) => id))
      }
      expect(seen).to.deep.equal(issued)
    })

    const garbage = ['', '0', '-1', '1.5', 'abc', '\u0000', '__proto__', '9'.repeat(400)]
    for (const cursor of garbage) {
      it(`refuses the cursor ${JSON.stringify(cursor).slice(0, 20)}`, async () => {
        for (const whose of [{ client: 'app' }, { owner: 'john' }]) {
          expect((await attempt({ ...whose, cursor })).refusal).to.include({
            code: 'invalid_request',
            description: 'the parameter cursor is none that a page has given',
          })
        }
      })
    }

    for (const limit of ['0', '1001', '-1', 'all', '']) {
      it(`refuses the limit ${JSON.stringify(limit)}`, async () => {
        const { refusal } = await attempt({ client: 'app', limit })
        expect(refusal).to.include({
          code: 'invalid_request',
          description: 'the parameter limit must be a whole number up to 1000',
        })
      })
    }

    it('wants either a client or an owner', async () => {
      for (const query of [{}, { client: 'app', owner: 'john' }]) {
        expect((await attempt(query)).refusal).to.include({
          code: 'invalid_request',
          description: 'give either the parameter client or the parameter owner',
        })
      }
    })

    it('finds nothing for names that are far too long or odd', async () => {
      for (const name of ['', 'x'.repeat(20_000), '\u0000', '\ud800']) {
        expect(await listed({ client: name })).to.deep.equal({ tokens: [] })
        expect(await listed({ owner: name })).to.deep.equal({ tokens: [] })
      }
    })
  })
}
