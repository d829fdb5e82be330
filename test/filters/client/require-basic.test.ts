import { expect } from 'chai'
import { credentialChecks } from '../../../engine/gateway/credentials.ts'
import { testFilter } from '../../../engine/policy/testing/test-filter.ts'
import type { RequestSpec } from '../../../engine/policy/testing/test-request.ts'
import requireBasic from '../../../filters/client/require-basic.ts'

const PASSWORD = 'pässword: with a colon'
const services = { credential: credentialChecks({ admin: PASSWORD, tyk: 'tyk-secret' }) }

async function told(request: Partial<RequestSpec>, config = {}) {
  const { outcome, refusal } = await testFilter(requireBasic, { request, config, services })
  return refusal ? `${refusal.code}: ${refusal.description}` : outcome
}

const REFUSED = 'invalid_client: this needs the credential of an administrator, by HTTP Basic'

describe('client/require-basic', () => {
  it('lets pass who knows user and password', async () => {
    expect(await told({ basic: `admin:${PASSWORD}` })).to.equal('success')
  })

  it('takes the password as it is, not form-encoded', async () => {
    expect(await told({ basic: `admin:${encodeURIComponent(PASSWORD)}` })).to.equal(REFUSED)
  })

  it('compares with the user and the credential that the settings name', async () => {
    const config = { user: 'tyk', credential: 'tyk' }
    expect(await told({ basic: 'tyk:tyk-secret' }, config)).to.equal('success')
    expect(await told({ basic: `admin:${PASSWORD}` }, config)).to.equal(REFUSED)
    expect(await told({ basic: 'admin:tyk-secret' }, config)).to.equal(REFUSED)
  })

  const wrong: readonly [string, Partial<RequestSpec>][] = [
    ['no header', {}],
    ['a wrong password', { basic: 'admin:wrong' }],
    ['an empty password', { basic: 'admin:' }],
    ['another user', { basic: `root:${PASSWORD}` }],
    ['the user in other case', { basic: `Admin:${PASSWORD}` }],
    ['no user', { basic: `:${PASSWORD}` }],
    ['another scheme', { headers: { authorization: `Bearer ${PASSWORD}` } }],
    ['what is not base64', { headers: { authorization: 'Basic ????' } }],
    ['no colon', { headers: { authorization: `Basic ${btoa('admin')}` } }],
    ['the credential in the form', { form: { user: 'admin', password: PASSWORD } }],
  ]
  for (const [what, request] of wrong) {
    it(`refuses ${what} in the same words as every other`, async () => {
      expect(await told(request)).to.equal(REFUSED)
    })
  }

  it('is not created for a credential that the gateway does not have', async () => {
    const failure = await told({}, { credential: 'amdin' }).catch(String)
    expect(failure).to.match(/no credential "amdin"/)
  })
})
