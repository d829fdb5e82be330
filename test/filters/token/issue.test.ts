import { expect } from 'chai'
import { Secret } from '../../../engine/index.ts'
import type { FilterCase } from '../../../engine/policy/testing/test-filter.ts'
import issue from '../../../filters/token/issue.ts'
import type { Client } from '../../../oauth/index.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

const store = 'OAuth Access Token Store'

interface Response {
  readonly access_token: Secret
  readonly token_type: string
  readonly expires_in: number
  readonly scope?: string
}

describe('token/issue', () => {
  let given: FilterServices
  let client: Client

  before(async () => {
    given = await openFilterServices()
    client = await given.register({
      clientId: 'app',
      scopes: ['read', 'write', 'admin'],
      defaultScopes: ['read'],
    })
  })
  after(() => given.close())

  const attempt = (config: object, more: FilterCase = {}) => {
    const attributes = { 'oauth.client.details': client, ...more.attributes }
    return given.run(issue, { ...more, config: { store, ...config }, attributes })
  }
  async function issued(config: object = {}, more: FilterCase = {}) {
    const { message, refusal } = await attempt(config, more)
    expect(refusal).to.equal(undefined)
    const response = message.get('oauth.response') as Response
    return { message, response, found: await given.store.lookUp(response.access_token.reveal()) }
  }
  const asking = (scope: string): FilterCase => ({ request: { form: { scope } } })

  it('issues a living access token of that client', async () => {
    const { found, message } = await issued()
    expect(found.alive).to.equal(true)
    expect(found.token).to.include({ kind: 'access', client: 'app', clientEpoch: client.epoch })
    expect(message.get('accesstoken')).to.deep.equal(found.token)
  })

  it('answers as RFC 6749 section 5.1 says', async () => {
    const { response } = await issued()
    const { access_token, ...rest } = response
    expect(rest).to.deep.equal({ token_type: 'Bearer', expires_in: 3600, scope: 'read' })
    expect(access_token).to.be.instanceOf(Secret)
    expect(access_token.reveal()).to.match(/^[\w-]{54}$/)
  })

  it('lets nobody see the token who prints the message', async () => {
    const { message, response } = await issued()
    const attributes = [...message.names()].map((name) => message.get(name))
    expect(JSON.stringify(attributes)).not.to.include(response.access_token.reveal())
  })

  it('draws another token each time', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issued()))
    const texts = tokens.map(({ response }) => response.access_token.reveal())
    expect(new Set(texts).size).to.equal(20)
  })

  for (const seconds of [1, 600, 315_360_000]) {
    it(`lets the token live ${seconds} seconds and no longer`, async () => {
      const { response, found } = await issued({ accessTokenLifetime: seconds })
      expect(response.expires_in).to.equal(seconds)
      expect(found.token?.expires).to.equal(given.now() + seconds * 1000)
    })
  }

  for (const length of [22, 23, 512]) {
    it(`makes a token of ${length} characters`, async () => {
      const { response } = await issued({ accessTokenLength: length })
      expect(response.access_token.reveal()).to.have.length(length)
    })
  }

  it('calls the token what the settings call it', async () => {
    const { response } = await issued({ accessTokenType: 'pop' })
    expect(response.token_type).to.equal('pop')
  })

  const badSettings: readonly object[] = [
    { accessTokenLifetime: 0 },
    { accessTokenLifetime: 1.5 },
    { accessTokenLifetime: '3600' },
    { accessTokenLength: 21 },
    { accessTokenLength: 513 },
    { scopesMustMatch: 'some' },
    { accessTokenType: '' },
    { store: undefined },
    { lifetime: 60 },
  ]
  for (const config of badSettings) {
    it(`does not take the setting ${JSON.stringify(config)}`, async () => {
      const failure = await attempt(config).catch(String)
      expect(failure).to.match(/is given wrong settings/)
    })
  }

  describe('giving scopes', () => {
    const any = { scopesMustMatch: 'any' }
    const all = { scopesMustMatch: 'all' }
    const given_: readonly [string, object, string, readonly string[]][] = [
      ['those asked for, in their order', any, 'write read', ['write', 'read']],
      ['those asked for, in their order', all, 'write read', ['write', 'read']],
      ['those of the asked that are registered', any, 'delete write', ['write']],
      ['each once', all, 'read read write read', ['read', 'write']],
      ['the default ones if none is asked for', all, '', ['read']],
      ['the default ones if only spaces are asked for', any, '   ', ['read']],
      ['those between any number of spaces', all, '  read   write ', ['read', 'write']],
    ]
    for (const [what, config, scope, expected] of given_) {
      it(`gives ${what} (${JSON.stringify(config)})`, async () => {
        const { found, message, response } = await issued(config, asking(scope))
        expect(found.scopes).to.deep.equal(expected)
        expect(message.get('scopes.for.token')).to.deep.equal(expected)
        expect(response.scope).to.equal(expected.join(' '))
      })
    }

    it('tells which were asked for and which were given', async () => {
      const { message } = await issued(any, asking('delete write'))
      expect(message.get('scopes.in.token')).to.deep.equal(['delete', 'write'])
      expect(message.get('scopes.for.token')).to.deep.equal(['write'])
    })

    it('leaves scope out of the answer where the token has none', async () => {
      const bare = await given.register()
      const { response, found } = await issued({}, { attributes: { 'oauth.client.details': bare } })
      expect(found.scopes).to.deep.equal([])
      expect(response).not.to.have.property('scope')
    })

    const many = Array.from({ length: 101 }, (_, place) => `s${place}`).join(' ')
    const refused: readonly [string, object, string][] = [
      ['one that is not registered, where all must be', all, 'read delete'],
      ['only such as are not registered', any, 'delete destroy'],
      ['one in other case', all, 'READ'],
      ['a quote', any, 'read "write"'],
      ['a backslash', any, 'read\\write'],
      ['a tab', any, 'read\twrite'],
      ['unicode', any, 'read schreíben'],
      ['NUL', any, 'read\u0000'],
      ['more than a hundred', any, many],
      ['a name that is far too long', any, 'x'.repeat(201)],
      ['a text that is far too long', any, 'x'.repeat(5000)],
      ['the name of what every object has', any, '__proto__ constructor'],
    ]
    for (const [what, config, scope] of refused) {
      it(`refuses ${what}, and issues nothing`, async () => {
        const before = await given.records.tokens.size()
        const { refusal } = await attempt(config, asking(scope))
        expect(refusal?.code).to.equal('invalid_scope')
        expect(await given.records.tokens.size()).to.deep.equal(before)
      })
    }
  })

  describe('adding metadata', () => {
    const request = {
      form: { device: 'phone' },
      json: { plain: { deep: ['x', 1] } },
    }
    const metadata = async (rules: object) => {
      const { found } = await issued({ metadata: rules }, { request })
      return found.token?.metadata
    }

    const values: readonly [string, unknown, string | undefined][] = [
      ['a text', { var: 'request.form.device' }, 'phone'],
      ['a constant', 'fixed', 'fixed'],
      ['an empty text', '', ''],
      ['a number', { '+': [1, 1.5] }, '2.5'],
      ['a boolean', { '==': [1, 1] }, 'true'],
      ['a list', ['a', { cat: ['b', 'c'] }], '["a","bc"]'],
      ['an object', { var: 'request.json.plain' }, '{"deep":["x",1]}'],
      ['nothing', { var: ['request.form.model', null] }, undefined],
    ]
    for (const [what, rule, expected] of values) {
      it(`keeps ${what} as text, or not at all`, async () => {
        const kept = await metadata({ name: rule })
        expect(kept?.name).to.equal(expected)
      })
    }

    it('never keeps a secret', async () => {
      const { found } = await issued(
        {
          metadata: {
            one: { var: 'request.headers.authorization' },
            all: { var: 'request.headers' },
            text: { cat: ['Authorization: ', { var: 'request.headers.authorization' }] },
          },
        },
        { request: { headers: { authorization: 'Bearer a-secret' } } },
      )
      expect(found.token?.metadata).to.deep.equal({
        one: '[secret]',
        all: '{"authorization":"[secret]"}',
        text: 'Authorization: [secret]',
      })
    })

    it('keeps a name that every object has as one of its own', async () => {
      const kept = await metadata(JSON.parse('{ "__proto__": "a", "constructor": "b" }'))
      expect(JSON.stringify(kept)).to.equal('{"__proto__":"a","constructor":"b"}')
    })

    it('does not write to the answer', async () => {
      const { response } = await issued({ metadata: { token_type: 'mac' } })
      expect(response.token_type).to.equal('Bearer')
    })
  })
})
