import { expect } from 'chai'
import { Secret } from '../../../engine/index.ts'
import register from '../../../filters/client/register.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

const SECRET = 'a-secret-of-its-own'

describe('client/register', () => {
  let given: FilterServices

  beforeEach(async () => {
    given = await openFilterServices()
  })
  afterEach(() => given.close())

  const attempt = (json: unknown) => given.run(register, { request: { json } })
  async function told(json: unknown) {
    const { refusal } = await attempt(json)
    return refusal && `${refusal.code}: ${refusal.description}`
  }
  async function registered(json: unknown) {
    const { message, refusal } = await attempt(json)
    expect(refusal).to.equal(undefined)
    return message.get('oauth.response') as Readonly<Record<string, unknown>>
  }
  const count = async () => (await given.registry.list({ limit: 10 })).items.length

  it('registers a client with every member, and tells them', async () => {
    const all = {
      clientId: 'app',
      type: 'confidential',
      applicationId: 'the-application',
      name: 'An app',
      description: 'What it does',
      redirectUris: ['https://app.example/callback'],
      grants: ['client_credentials'],
      scopes: ['read', 'write'],
      defaultScopes: ['read'],
      organisation: 'Example',
      developer: 'john',
      apis: ['petstore'],
      privileges: ['introspect'],
      enabled: false,
    }
    const { number, created, updated, secret, ...told } = await registered({
      ...all,
      secret: SECRET,
    })
    expect(told).to.deep.equal(all)
    expect(number).to.be.a('number')
    expect([created, updated]).to.deep.equal([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
    ])
    expect((secret as Secret).reveal()).to.equal(SECRET)
    const kept = await given.registry.find('app')
    expect(kept).to.include({ clientId: 'app', enabled: false })
  })

  it('draws an id and a secret for a client that brings none, and both work', async () => {
    const { clientId, secret } = await registered({ type: 'confidential' })
    expect(secret).to.be.instanceOf(Secret)
    const { client } = await given.registry.authenticate(
      String(clientId),
      (secret as Secret).reveal(),
    )
    expect(client).to.include({ clientId })
  })

  it('gives a public client no secret', async () => {
    expect(await registered({ type: 'public', clientId: 'open' })).not.to.have.property('secret')
  })

  it('shows neither verifiers nor epoch', async () => {
    expect(await registered({ type: 'confidential' })).not.to.have.any.keys('secrets', 'epoch')
  })

  it('hides the secret from whatever prints the message', async () => {
    const { message } = await attempt({ type: 'confidential', clientId: 'app', secret: SECRET })
    const attributes = [...message.names()].map((name) => message.get(name))
    expect(JSON.stringify(attributes)).not.to.include(SECRET)
  })

  it('refuses an id that exists, and leaves its client as it was', async () => {
    const before = await given.register({ clientId: 'app', secret: SECRET })
    expect(await told({ type: 'public', clientId: 'app' })).to.match(
      /^client_exists: client "app" /,
    )
    expect(await given.registry.find('app')).to.deep.equal(before)
  })

  it('refuses whatever is no JSON object', async () => {
    for (const json of [null, 'app', 7, true, [], [{ type: 'public' }]]) {
      expect(await told(json)).to.equal(
        'invalid_request: send the client application as a JSON object',
      )
    }
    const { refusal } = await given.run(register, { request: { form: { type: 'public' } } })
    expect(refusal?.code).to.equal('invalid_request')
  })

  const unknown = [
    'number',
    'epoch',
    'secrets',
    'created',
    'Type',
    'client_id',
    '__proto__',
    'constructor',
  ]
  for (const name of unknown) {
    it(`refuses the unknown member ${name}, by its name`, async () => {
      const json = JSON.parse(`{ "type": "public", "clientId": "app", "${name}": [] }`)
      const description = await told(json)
      expect(description).to.match(/^invalid_client_metadata: /)
      expect(description).to.include(`"${name}"`)
      expect(await count()).to.equal(0)
    })
  }

  const bad: Readonly<Record<string, readonly unknown[]>> = {
    type: [undefined, null, 1, '', 'Public', ['public'], {}],
    clientId: [null, 0, true, '', 'with space', 'ünïcode', 'x'.repeat(201), ['app'], {}, { a: 1 }],
    secret: [
      1234567890,
      true,
      '',
      'short',
      'sécret-sécret',
      'x'.repeat(1001),
      ['a-long-secret'],
      {},
    ],
    applicationId: [null, 0, '', 'with space', 'x'.repeat(201), [], {}],
    name: [null, 1, 'x'.repeat(201), 'line\nbreak', 'nul\u0000', '\ud800', [], {}],
    description: [null, 1, 'x'.repeat(2001), 'nul\u0000', [], {}],
    organisation: [null, 1, 'x'.repeat(201), [], {}],
    developer: [null, 1, 'x'.repeat(201), [], {}],
    redirectUris: [
      null,
      1,
      'https://app.example/',
      {},
      [1],
      [null],
      [[]],
      ['/relative'],
      ['https://app.example/#fragment'],
      ['javascript:alert(1)'],
      ['data:text/html,x'],
      [`https://app.example/${'x'.repeat(2000)}`],
      Array(101).fill('https://app.example/'),
    ],
    grants: [null, 1, 'password', {}, [1], [''], ['with space'], [{}], Array(101).fill('a')],
    scopes: [null, 1, 'read', { 0: 'read' }, [1], [''], ['a b'], ['a"b'], [null], manyNames()],
    defaultScopes: [null, 1, 'read', {}, [1], ['a"b'], [[]], ['not-among-scopes']],
    apis: [null, 1, 'petstore', {}, [1], Array(101).fill('a')],
    privileges: [null, 1, 'introspect', {}, [true]],
    enabled: [null, 0, 'true', [], {}],
  }
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      it(`refuses ${name} ${shown(value)}`, async () => {
        const json = { type: 'confidential', clientId: 'app', scopes: ['read'], [name]: value }
        const description = await told(json)
        expect(description).to.match(/^invalid_(client_metadata|redirect_uri): /)
        expect(description).to.include(name)
        expect(description?.length).to.be.below(500)
        expect(await count()).to.equal(0)
      })
    }
  }

  it('refuses a secret for a public client', async () => {
    expect(await told({ type: 'public', clientId: 'app', secret: SECRET })).to.match(
      /^invalid_client_metadata: client "app" is public/,
    )
  })

  it('says in bounded words what is wrong with several members at once', async () => {
    const long = 'x'.repeat(50_000)
    for (const json of [
      { type: 'public', clientId: {}, [long]: 1 },
      { type: 'public', clientId: [[]], unknown: 1 },
      { type: 'public', clientId: long, unknown: 1 },
    ]) {
      const description = await told(json)
      expect(description).to.match(/^invalid_client_metadata: /)
      expect(description?.length).to.be.below(500)
    }
  })
})

function manyNames(): readonly string[] {
  return Array.from({ length: 101 }, (_, place) => `scope-${place}`)
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 40 ? `${text.slice(0, 40)}… (${text.length} characters)` : text
}
