import { expect } from 'chai'
import type { RequestSpec } from '../../../engine/policy/testing/test-request.ts'
import authenticate from '../../../filters/client/authenticate.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

type Settings = Readonly<Record<string, unknown>>

const SECRET = 'app-secret'
/** With all that has a meaning in Basic credentials or in a form. */
const ODD_ID = 'a+b%c:d/e'
const ODD_SECRET = 'p+q%41:r&s=t u'

const header = { from: 'authorization-header' }
const both = { from: 'authorization-header-or-form' }

const formEncoded = (text: string) => encodeURIComponent(text).replaceAll('%20', '+')

describe('client/authenticate by the Authorization header', () => {
  let given: FilterServices

  before(async () => {
    given = await openFilterServices()
    await given.register({ clientId: 'app', secret: SECRET })
    await given.register({ clientId: 'colon', secret: 'one:two:three' })
    await given.register({ clientId: ODD_ID, secret: ODD_SECRET })
  })
  after(() => given.close())

  async function told(config: Settings, request: Partial<RequestSpec>) {
    const { refusal } = await given.run(authenticate, { config, request })
    return refusal && `${refusal.code}: ${refusal.description}`
  }

  it('decodes id and secret as a form does', async () => {
    const basic = `${formEncoded(ODD_ID)}:${formEncoded(ODD_SECRET)}`
    expect(basic).to.equal('a%2Bb%25c%3Ad%2Fe:p%2Bq%2541%3Ar%26s%3Dt+u')
    expect(await told(header, { basic })).to.equal(undefined)
  })

  it('takes what is not encoded for what it decodes to', async () => {
    expect(await told(header, { basic: `${ODD_ID}:${ODD_SECRET}` })).to.match(/^invalid_client: /)
  })

  it('ends the id at the first colon', async () => {
    expect(await told(header, { basic: 'colon:one:two:three' })).to.equal(undefined)
  })

  it('takes the scheme in any case and with more than one space', async () => {
    for (const scheme of ['basic', 'BASIC', 'Basic  ']) {
      const authorization = `${scheme} ${btoa(`app:${SECRET}`)}`
      expect(await told(header, { headers: { authorization } })).to.equal(undefined)
    }
  })

  const malformed: readonly [string, string][] = [
    ['another scheme', 'Bearer abcdef'],
    ['a scheme alone', 'Basic'],
    ['nothing', ''],
    ['what is not base64', 'Basic a-p_p'],
    ['something behind the base64', `Basic ${btoa(`app:${SECRET}`)} x`],
    ['no colon', `Basic ${btoa('app')}`],
    ['no id', `Basic ${btoa(`:${SECRET}`)}`],
    ['a lone percent sign in the id', `Basic ${btoa(`100%:${SECRET}`)}`],
    ['a lone percent sign in the secret', `Basic ${btoa('app:100%')}`],
    ['percent-encoded bytes that are not UTF-8', `Basic ${btoa('app:%ff%fe')}`],
  ]
  for (const [what, authorization] of malformed) {
    for (const config of [header, both]) {
      it(`refuses ${what} (${config.from})`, async () => {
        expect(await told(config, { headers: { authorization } })).to.equal(
          'invalid_client: the Authorization header holds no well-formed Basic credentials',
        )
      })
    }
  }

  it('refuses unicode, which no id or secret has, as it refuses a wrong one', async () => {
    for (const basic of [`äpp:${SECRET}`, 'app:sécret-🔑', `app:${formEncoded('sécret-🔑')}`]) {
      expect(await told(header, { basic })).to.equal('invalid_client: client authentication failed')
    }
  })

  it('lets the form repeat the id, but not name another one', async () => {
    const basic = `app:${SECRET}`
    for (const config of [header, both]) {
      expect(await told(config, { basic, form: { client_id: 'app' } })).to.equal(undefined)
      expect(await told(config, { basic, form: { client_id: '' } })).to.equal(undefined)
      expect(await told(config, { basic, form: { client_id: 'other' } })).to.equal(
        'invalid_request: the client ids in header and body differ',
      )
    }
  })
})
