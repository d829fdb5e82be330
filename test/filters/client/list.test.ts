import { expect } from 'chai'
import type { RequestSpec } from '../../../engine/policy/testing/test-request.ts'
import list from '../../../filters/client/list.ts'
import { adapters } from '../../oauth/open-oauth.ts'
import { codeOf, type FilterServices, openFilterServices } from '../../support/filter-services.ts'

type Query = NonNullable<RequestSpec['query']>

interface Listed {
  readonly applications: readonly { readonly clientId: string }[]
  readonly next?: string
}

for (const [adapter, use] of Object.entries(adapters)) {
  describe(`client/list on ${adapter}`, () => {
    const place = use()
    let given: FilterServices

    before(async () => {
      given = await openFilterServices(place)
      for (const clientId of ['e', 'b', 'd', 'a', 'c']) await given.register({ clientId })
    })
    after(() => given?.close())

    async function listed(query: Query = {}): Promise<Listed> {
      const { message, refusal } = await given.run(list, { request: { query } })
      expect(refusal).to.equal(undefined)
      return message.get('oauth.response') as Listed
    }
    const idsOf = ({ applications }: Listed) =>
      applications.map(({ clientId }) => clientId).join('')

    it('lists all clients on one page, and says that there is no other', async () => {
      const page = await listed()
      expect(idsOf(page)).to.equal('abcde')
      expect(page).not.to.have.property('next')
    })

    it('shows each client without verifiers and epoch', async () => {
      for (const client of (await listed()).applications) {
        expect(client).not.to.have.any.keys('secrets', 'epoch')
      }
    })

    it('goes on where the page before has ended, each client once', async () => {
      const pages: string[] = []
      let page = await listed({ limit: '2' })
      for (; page.next !== undefined; page = await listed({ limit: '2', cursor: page.next })) {
        pages.push(idsOf(page))
      }
      expect([...pages, idsOf(page)].join('|')).to.equal('ab|cd|e')
    })

    const notPlain = ['', ' ', '1.5', '1e2', '0x10', '+5', ' 5', 'ten', 'NaN', 'Infinity']
    const badLimits = ['0', '-1', '1001', '9'.repeat(400), ...notPlain]
    for (const limit of badLimits) {
      it(`refuses the limit ${JSON.stringify(limit).slice(0, 20)}`, async () => {
        const { refusal } = await given.run(list, { request: { query: { limit } } })
        expect(refusal).to.include({
          code: 'invalid_request',
          description: 'the parameter limit must be a whole number up to 1000',
        })
      })
    }

    const garbage = ['', '\u0000', '\ud800', '__proto__', '%%%', '💣', 'x'.repeat(10_000)]
    for (const cursor of garbage) {
      it(`does not stumble over the cursor ${JSON.stringify(cursor).slice(0, 20)}`, async () => {
        // Every text that could be an id is a place between clients.
        const code = await codeOf(given.run(list, { request: { query: { cursor } } }))
        expect(code).to.be.oneOf(['success', 'invalid_request'])
      })
    }
  })
}
