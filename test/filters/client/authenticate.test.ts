import { expect } from 'chai'
import type { RequestSpec } from '../../../engine/policy/test-request.ts'
import authenticate from '../../../filters/client/authenticate.ts'
import { codeOf, type FilterServices, openFilterServices } from '../../support/filter-services.ts'

type Request = Partial<RequestSpec>
type Settings = Readonly<Record<string, unknown>>

const SECRET = 'app-secret'

const header = { from: 'authorization-header' }
const form = { from: 'form' }
const both = { from: 'authorization-header-or-form' }
const query = { from: 'query-string' }

const inForm = (client_id: string, client_secret: string): Request => ({
  form: { client_id, client_secret },
})
const inQuery = (client_id: string, client_secret: string): Request => ({
  query: { client_id, client_secret },
})
const inHeader = (id: string, secret: string): Request => ({ basic: `${id}:${secret}` })

describe('client/authenticate', () => {
  let given: FilterServices

  before(async () => {
    given = await openFilterServices()
    await given.register({ clientId: 'app', secret: SECRET, applicationId: 'the-application' })
    await given.register({ clientId: 'other', secret: 'other-secret' })
    await given.register({ clientId: 'disabled', secret: SECRET, enabled: false })
    await given.register({ clientId: 'open', type: 'public' })
    await given.register({ clientId: 'open-disabled', type: 'public', enabled: false })
  })
  after(() => given.close())
  beforeEach(() => given.warnings.splice(0))

  const attempt = (config: Settings, request: Request) =>
    given.run(authenticate, { config, request })
  const told = async (config: Settings, request: Request) => {
    const { refusal } = await attempt(config, request)
    return refusal && `${refusal.code}: ${refusal.description}`
  }

  it('hands on no verifier of a secret', async () => {
    const { message } = await attempt(header, inHeader('app', SECRET))
    expect(message.get('oauth.client.details')).to.include({ clientId: 'app' })
    expect(message.get('oauth.client.details')).not.to.have.property('secrets')
  })

  const places: readonly [string, Settings, (id: string, secret: string) => Request][] = [
    ['the Authorization header', header, inHeader],
    ['the form', form, inForm],
    ['the header, where the form may hold them too', both, inHeader],
    ['the form, where the header may hold them too', both, inForm],
    ['the query string', query, inQuery],
  ]
  for (const [place, config, request] of places) {
    describe(`with credentials in ${place}`, () => {
      it('lets a client in that knows its secret, and says who it is', async () => {
        const { outcome, message } = await attempt(config, request('app', SECRET))
        expect(outcome).to.equal('success')
        expect(message.get('oauth.client.details')).to.include({ clientId: 'app' })
        expect(message.get('authentication.application.id')).to.equal('the-application')
      })

      const wrong: readonly [string, string, string][] = [
        ['a wrong secret', 'app', 'app-secreT'],
        ["another client's secret", 'app', 'other-secret'],
        ['a secret with something behind it', 'app', `${SECRET}x`],
        ['an empty secret', 'app', ''],
        ['an unknown client', 'nobody', SECRET],
        ['an id in other case', 'APP', SECRET],
        ['an id that no client can have', 'app\u0000', SECRET],
        ['an id that no store could keep', 'x'.repeat(3000), SECRET],
        ['a secret that is far too long', 'app', 'x'.repeat(30_000)],
        ['a disabled client', 'disabled', SECRET],
        ['a secret for a public client', 'open', SECRET],
        ['a public client', 'open', ''],
      ]
      for (const [what, id, secret] of wrong) {
        it(`refuses ${what} in the same words as every other`, async () => {
          expect(await told(config, request(id, secret))).to.equal(
            'invalid_client: client authentication failed',
          )
        })
      }

      it('tells the log, and nobody else, that a client is disabled', async () => {
        const disabled = await attempt(config, request('disabled', SECRET))
        expect(disabled.refusal?.detail).to.equal('disabled')
        const unknown = await attempt(config, request('nobody', SECRET))
        const mistaken = await attempt(config, request('disabled', 'wrong-secret'))
        expect(unknown.refusal).to.deep.equal(mistaken.refusal)
      })

      it('refuses a request without credentials, and says where they belong', async () => {
        const { refusal } = await attempt(config, {})
        expect(refusal?.code).to.equal('invalid_client')
        expect(refusal?.description).to.match(/^client authentication is missing: (use|send) /)
      })

      it('writes nothing when it refuses', async () => {
        const { message } = await attempt(config, request('app', 'wrong-secret'))
        expect([...message.names()]).to.have.members(['request', 'error'])
      })
    })
  }

  it('lets old and new secret in until the old one has ended', async () => {
    const own = await openFilterServices()
    await own.register({ clientId: 'app', secret: 'the-old-secret' })
    await own.registry.addSecret('app', {
      secret: 'the-new-secret',
      othersUntil: own.now() + 60_000,
    })
    const code = (secret: string) =>
      codeOf(own.run(authenticate, { request: inHeader('app', secret) }))
    expect([await code('the-old-secret'), await code('the-new-secret')]).to.deep.equal([
      'success',
      'success',
    ])
    own.wait(60)
    expect([await code('the-old-secret'), await code('the-new-secret')]).to.deep.equal([
      'invalid_client',
      'success',
    ])
    await own.close()
  })

  describe('when credentials come another way than it is set to', () => {
    const twice = 'invalid_request: the client authenticates in more than one way'
    const inUri = 'invalid_request: client credentials do not belong into the query string'
    const basic = `app:${SECRET}`
    const cases: readonly [string, Settings, Request, string][] = [
      ['header and form', header, { basic, ...inForm('app', SECRET) }, twice],
      ['header and form', form, { basic, ...inForm('app', SECRET) }, twice],
      ['header and form', both, { basic, ...inForm('app', SECRET) }, twice],
      [
        'another scheme in the header, and the form',
        both,
        { headers: { authorization: 'Bearer abc' }, ...inForm('app', SECRET) },
        twice,
      ],
      ['header and query string', query, { basic, ...inQuery('app', SECRET) }, twice],
      [
        'form and query string',
        query,
        { ...inForm('app', SECRET), ...inQuery('app', SECRET) },
        twice,
      ],
      ['the query string alone', header, inQuery('app', SECRET), inUri],
      ['the query string alone', form, inQuery('app', SECRET), inUri],
      ['the query string alone', both, inQuery('app', SECRET), inUri],
      ['query string and header', header, { basic, ...inQuery('app', SECRET) }, inUri],
      [
        'query string and form',
        both,
        { ...inForm('app', SECRET), ...inQuery('app', SECRET) },
        inUri,
      ],
      [
        'the form alone',
        header,
        inForm('app', SECRET),
        'invalid_client: client credentials belong into the Authorization header',
      ],
      [
        'the header alone',
        form,
        { basic },
        'invalid_client: client authentication is missing: send client_id and client_secret in the form body',
      ],
      [
        'the header alone',
        query,
        { basic },
        'invalid_client: client authentication is missing: send client_id and client_secret in the query string',
      ],
    ]
    for (const [what, config, request, expected] of cases) {
      it(`refuses ${what} (${config.from})`, async () => {
        expect(await told(config, request)).to.equal(expected)
      })
    }

    it('treats a parameter without a value as one that was not sent', async () => {
      const empty = { client_id: '', client_secret: '' }
      expect(await told(header, { basic, form: empty, query: empty })).to.equal(undefined)
      expect(await told(form, { ...inForm('app', SECRET), query: empty })).to.equal(undefined)
    })

    it('leaves the id in the query string to others', async () => {
      expect(await told(header, { basic, query: { client_id: 'other' } })).to.equal(undefined)
    })
  })

  describe('with field names of its own', () => {
    const names = { clientIdField: 'app_key', clientSecretField: 'app_pass' }
    const fields = { app_key: 'app', app_pass: SECRET }

    it('reads them from the form and from the query string', async () => {
      expect(await told({ ...form, ...names }, { form: fields })).to.equal(undefined)
      expect(await told({ ...query, ...names }, { query: fields })).to.equal(undefined)
    })

    it('does not read the usual ones, and names its own', async () => {
      expect(await told({ ...both, ...names }, inForm('app', SECRET))).to.equal(
        'invalid_client: client authentication is missing: use HTTP Basic, or send app_key and app_pass in the form body',
      )
    })

    it('refuses either kind of secret in a query string', async () => {
      for (const name of ['app_pass', 'client_secret']) {
        const request = { form: fields, query: { [name]: SECRET } }
        expect(await told({ ...form, ...names }, request)).to.match(/^invalid_request: .*query/)
      }
    })

    it('declares both kinds of secret confidential', () => {
      expect(authenticate.confidential({ ...form, ...names })).to.have.members([
        'app_pass',
        'client_secret',
      ])
    })
  })

  describe('where public clients are let in', () => {
    const failed = 'invalid_client: client authentication failed'
    for (const config of [header, form, both]) {
      const open = { ...config, publicClients: true }

      it(`knows a public client by its id in the form (${config.from})`, async () => {
        const { message, outcome } = await attempt(open, { form: { client_id: 'open' } })
        expect(outcome).to.equal('success')
        expect(message.get('oauth.client.details')).to.include({ clientId: 'open', type: 'public' })
      })

      it(`lets no one else in by an id alone (${config.from})`, async () => {
        for (const client_id of ['app', 'nobody', 'open-disabled', 'disabled']) {
          expect(await told(open, { form: { client_id } })).to.equal(failed)
        }
      })
    }

    it('lets a public client send an empty secret, but no other', async () => {
      const open = { ...both, publicClients: true }
      expect(await told(open, inHeader('open', ''))).to.equal(undefined)
      expect(await told(open, inForm('open', ''))).to.equal(undefined)
      expect(await told(open, inHeader('open', SECRET))).to.equal(failed)
      expect(await told(open, inForm('open', SECRET))).to.equal(failed)
    })

    it('still asks a confidential client for its secret', async () => {
      const open = { ...both, publicClients: true }
      expect(await told(open, inHeader('app', SECRET))).to.equal(undefined)
      expect(await told(open, inHeader('app', ''))).to.equal(failed)
    })
  })

  describe('when a policy is loaded', () => {
    it('warns of the query string, and of nothing else', async () => {
      for (const config of [header, form, both]) await attempt(config, {})
      expect(given.warnings.splice(0)).to.deep.equal([])
      await attempt(query, {})
      expect(given.warnings.splice(0).join()).to.match(/^client credentials .* query string/)
    })

    it('does not take public clients from a query string', async () => {
      const failure = await attempt({ ...query, publicClients: true }, {}).catch(String)
      expect(failure).to.match(/publicClients needs credentials from the form/)
    })
  })
})
