import { expect } from 'chai'
import type { RequestSpec } from '../../../engine/policy/testing/test-request.ts'
import introspect from '../../../filters/token/introspect.ts'
import type { Client } from '../../../oauth/index.ts'
import { type FilterServices, openFilterServices } from '../../support/filter-services.ts'

const store = 'OAuth Access Token Store'
const INACTIVE = { active: false }

describe('token/introspect', () => {
  let given: FilterServices
  let client: Client
  let server: Client

  beforeEach(async () => {
    given = await openFilterServices()
    client = await given.register({ clientId: 'app', scopes: ['read', 'write'] })
    server = await given.register({ clientId: 'resource-server' })
  })
  afterEach(() => given.close())

  async function told(token: string, { by = server, config = {} } = {}): Promise<unknown> {
    const { message, refusal } = await given.run(introspect, {
      config: { store, ...config },
      request: { form: { token }, origin: 'https://auth.example' },
      attributes: { 'oauth.client.details': by },
    })
    expect(refusal).to.equal(undefined)
    return message.get('oauth.response')
  }

  async function accessToken(more: object = {}): Promise<string> {
    const request = { kind: 'access', client, scopes: ['read', 'write'], lifetime: 60 } as const
    const { token } = await given.store.issue({ ...request, ...more })
    return token.reveal()
  }

  /** Tokens that an owner let the client have. */
  async function granted() {
    const authorization = await given.authorize(client, 'john', ['read', 'write'])
    const terms = { accessLifetime: 60, refreshLifetime: 600 }
    const tokens = await given.store.start({ client, scopes: ['read'], authorization, terms })
    const refresh = tokens.refresh?.token.reveal() ?? ''
    return { access: tokens.access.token.reveal(), refresh, authorization }
  }

  describe('of a living token', () => {
    it('tells what RFC 7662 section 2.2 names, and nothing else', async () => {
      expect(await told(await accessToken())).to.deep.equal({
        active: true,
        scope: 'read write',
        client_id: 'app',
        token_type: 'Bearer',
        exp: Date.UTC(2026, 0, 1, 0, 1) / 1000,
        iat: Date.UTC(2026, 0, 1) / 1000,
        sub: 'app',
        iss: 'https://auth.example',
      })
    })

    it('tells the owner', async () => {
      const { access } = await granted()
      expect(await told(access)).to.include({ username: 'john', sub: 'john', scope: 'read' })
    })

    it('tells the audience', async () => {
      const audience = ['https://api.example']
      expect(await told(await accessToken({ audience }))).to.deep.include({ aud: audience })
    })

    it('leaves scope out where it has none', async () => {
      expect(await told(await accessToken({ scopes: [] }))).not.to.have.property('scope')
    })

    it('tells the scopes that it has now, not those that it was issued with', async () => {
      const { access } = await granted()
      await given.store.authorizations.narrow('app', 'john', ['write'])
      expect(await told(access))
        .to.include({ active: true })
        .and.not.to.have.property('scope')
    })

    it('calls it what the settings call it', async () => {
      const response = await told(await accessToken(), { config: { accessTokenType: 'pop' } })
      expect(response).to.include({ token_type: 'pop' })
    })

    it('writes the record for the nodes behind it', async () => {
      const { message } = await given.run(introspect, {
        config: { store },
        request: { form: { token: await accessToken() } },
        attributes: { 'oauth.client.details': server },
      })
      expect(message.get('oauth.token.details')).to.include({ client: 'app', kind: 'access' })
    })
  })

  describe('of metadata', () => {
    it('tells it beside the members of the standard', async () => {
      const token = await accessToken({ metadata: { device: 'phone', constructor: 'x' } })
      expect(await told(token)).to.include({ active: true, device: 'phone', constructor: 'x' })
    })

    it('does not let it take the place of a member of the standard', async () => {
      const forged = {
        active: 'no',
        scope: 'admin',
        client_id: 'other',
        username: 'root',
        token_type: 'mac',
        exp: '1',
        iat: '1',
        nbf: '1',
        sub: 'root',
        aud: 'https://other.example',
        iss: 'https://other.example',
        jti: '1',
      }
      // Neither scopes nor owner nor audience: what it does not have, metadata must not claim.
      const bare = { scopes: [] }
      const plain = await told(await accessToken(bare))
      expect(await told(await accessToken({ ...bare, metadata: forged }))).to.deep.equal(plain)
    })
  })

  describe('of a token that is not alive', () => {
    const unknown = ['x', 'a b', '\u0000', '\ud800', '💣', '%00', '__proto__', 'x'.repeat(50_000)]
    for (const token of unknown) {
      it(`tells only that ${JSON.stringify(token).slice(0, 20)} is not active`, async () => {
        expect(await told(token)).to.deep.equal(INACTIVE)
      })
    }

    const deaths: readonly [string, (token: Granted) => Promise<unknown> | unknown][] = [
      ['it has expired', () => given.wait(60)],
      ['it was revoked', ({ access }) => given.store.revoke(access, client)],
      ['its refresh token was revoked', ({ refresh }) => given.store.revoke(refresh, client)],
      ['its client is disabled', () => given.registry.setEnabled('app', false)],
      ['its client is gone', () => given.registry.remove('app')],
      [
        'its client was registered anew',
        () => given.registry.replace({ type: 'confidential', clientId: 'app' }),
      ],
      ['its authorization was revoked', () => given.store.authorizations.revoke('app', 'john')],
      [
        'its authorization was given anew',
        async () => {
          await given.store.authorizations.revoke('app', 'john')
          await given.authorize(client, 'john', ['read'])
        },
      ],
    ]
    for (const [cause, kill] of deaths) {
      it(`tells nothing more when ${cause}`, async () => {
        const tokens = await granted()
        expect(await told(tokens.access)).to.include({ active: true })
        await kill(tokens)
        expect(await told(tokens.access)).to.deep.equal(INACTIVE)
      })
    }

    it('writes no record of it', async () => {
      const token = await accessToken()
      given.wait(60)
      const { message } = await given.run(introspect, {
        config: { store },
        request: { form: { token } },
        attributes: { 'oauth.client.details': server },
      })
      expect(message.has('oauth.token.details')).to.equal(false)
    })
  })

  describe('of a refresh token', () => {
    it('tells its own client about it, without a token type', async () => {
      const { refresh } = await granted()
      expect(await told(refresh, { by: client }))
        .to.include({ active: true, client_id: 'app', username: 'john' })
        .and.not.to.have.property('token_type')
    })

    it('tells no other client, lest it be taken for an access token', async () => {
      expect(await told((await granted()).refresh)).to.deep.equal(INACTIVE)
    })

    it('tells nobody once it has been rotated', async () => {
      const { refresh } = await granted()
      const terms = { accessLifetime: 60, refreshLifetime: 600 }
      await given.store.refresh(refresh, client, terms)
      expect(await told(refresh, { by: client })).to.deep.equal(INACTIVE)
    })
  })

  const missing: readonly [string, Partial<RequestSpec>][] = [
    ['no token', {}],
    ['an empty token', { form: { token: '' } }],
    ['a token in the query string', { query: { token: 'x' } }],
    ['a token in JSON', { json: { token: 'x' } }],
  ]
  for (const [what, request] of missing) {
    it(`refuses a request with ${what}`, async () => {
      const attributes = { 'oauth.client.details': server }
      const { refusal } = await given.run(introspect, { config: { store }, request, attributes })
      expect(refusal).to.include({
        code: 'invalid_request',
        description: 'the parameter token is missing',
      })
    })
  }
})

interface Granted {
  readonly access: string
  readonly refresh: string
}
