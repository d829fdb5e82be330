import { expect } from 'chai'
import { testFilter } from '../../../engine/policy/test-filter.ts'
import require from '../../../filters/client/require.ts'

const client = {
  type: 'confidential',
  grants: ['client_credentials'],
  scopes: ['read', 'write'],
  privileges: ['introspect'],
}

async function told(config: Readonly<Record<string, unknown>>, details: object = client) {
  const attributes = { 'oauth.client.details': details }
  const { outcome, refusal } = await testFilter(require, { config, attributes })
  return refusal ? `${refusal.code}: ${refusal.description}` : outcome
}

describe('client/require', () => {
  const passes: readonly [string, object][] = [
    ['the type', { type: 'confidential' }],
    ['the grant', { grant: 'client_credentials' }],
    ['the scope', { scope: 'write' }],
    ['the privilege', { privilege: 'introspect' }],
    [
      'everything at once',
      { type: 'confidential', grant: 'client_credentials', scope: 'read', privilege: 'introspect' },
    ],
  ]
  for (const [what, config] of passes) {
    it(`lets a client pass that has ${what}`, async () => {
      expect(await told({ ...config })).to.equal('success')
    })
  }

  const refusals: readonly [string, object, string][] = [
    ['type', { type: 'public' }, 'this needs a public client'],
    ['grant', { grant: 'password' }, 'the client is not registered for the grant password'],
    [
      'grant, in other case',
      { grant: 'Client_Credentials' },
      'the client is not registered for the grant Client_Credentials',
    ],
    ['scope', { scope: 'admin' }, 'the client is not registered for the scope admin'],
    [
      'scope, of which it has the beginning',
      { scope: 'read write' },
      'the client is not registered for the scope read write',
    ],
    [
      'privilege',
      { privilege: 'impersonate' },
      'the client does not have the privilege impersonate',
    ],
  ]
  for (const [what, config, description] of refusals) {
    it(`refuses a client without the ${what}, and says so`, async () => {
      expect(await told({ ...config })).to.equal(`unauthorized_client: ${description}`)
    })
  }

  it('does not go without settings, which would let everybody pass', async () => {
    expect(await told({}).catch(String)).to.match(/it has no setting; give at least one of "type"/)
  })

  it('refuses a public client where it asks for a confidential one', async () => {
    expect(await told({ type: 'confidential' }, { ...client, type: 'public' })).to.equal(
      'unauthorized_client: this needs a confidential client',
    )
  })

  it('refuses a client that lacks one of several things', async () => {
    const config = { type: 'confidential', grant: 'client_credentials', scope: 'read' }
    for (const lack of [{ type: 'public' }, { grants: [] }, { scopes: ['write'] }]) {
      expect(await told(config, { ...client, ...lack })).to.match(/^unauthorized_client: /)
    }
  })
})
