import { expect } from 'chai'
import { type Filter, Unavailable } from '../../engine/index.ts'
import type { FilterCase } from '../../engine/policy/testing/test-filter.ts'
import authenticate from '../../filters/client/authenticate.ts'
import listClients from '../../filters/client/list.ts'
import readClient from '../../filters/client/read.ts'
import register from '../../filters/client/register.ts'
import setEnabled from '../../filters/client/set-enabled.ts'
import purge from '../../filters/store/purge.ts'
import introspect from '../../filters/token/introspect.ts'
import issue from '../../filters/token/issue.ts'
import listTokens from '../../filters/token/list.ts'
import remove from '../../filters/token/remove.ts'
import revoke from '../../filters/token/revoke.ts'
import type { Client } from '../../oauth/index.ts'
import { adapters } from '../oauth/open-oauth.ts'
import { type FilterServices, openFilterServices } from '../support/filter-services.ts'

const config = { store: 'OAuth Access Token Store' }
const form = { token: 'a-token' }
const clientId = 'app'

describe('a filter whose store cannot answer', () => {
  let given: FilterServices
  let client: Client

  before(async () => {
    given = await openFilterServices(adapters.lmdb())
    client = await given.register({ clientId })
    await given.close()
  })

  const cases: readonly [Filter, FilterCase][] = [
    [authenticate, { config: {}, request: { basic: 'app:app-secret' } }],
    [listClients, {}],
    [readClient, { request: { params: { clientId } } }],
    [register, { request: { json: { type: 'public' } } }],
    [setEnabled, { request: { params: { clientId } } }],
    [purge, {}],
    [introspect, { config, request: { form } }],
    [issue, { config }],
    [listTokens, { config, request: { query: { client: 'app' } } }],
    [remove, { config, request: { params: { id: 'A'.repeat(43) } } }],
    [revoke, { config, request: { form } }],
  ]
  for (const [filter, one] of cases) {
    it(`does not say no in its place (${filter.name})`, async () => {
      const needed = filter.reads(config).includes('oauth.client.details')
      const attributes = needed ? { 'oauth.client.details': client } : {}
      const ending = await given.run(filter, { ...one, attributes }).catch((error) => error)
      expect(ending).to.be.instanceOf(Unavailable)
    })
  }
})
