import { expect } from 'chai'
import type { Peer, Requirement } from './requirement.ts'

const grant = { grant_type: 'client_credentials' }
const app = { basic: 'app:app-secret' }

async function expectError(
  answer: ReturnType<Peer['send']>,
  status: number,
  error: string,
): Promise<void> {
  const { json, ...rest } = await answer
  expect([rest.status, json.error]).to.deep.equal([status, error])
}

/** The OAuth 2.0 Authorization Framework: client authentication, the token endpoint, client credentials. */
export const rfc6749: readonly Requirement[] = [
  {
    source: 'RFC 6749 §2.3',
    level: 'MUST NOT',
    demand: 'use more than one authentication method in a request',
    answer: 'credentials in header and body at once are `invalid_request`',
    async check(peer) {
      const form = { ...grant, client_id: 'app', client_secret: 'app-secret' }
      await expectError(peer.send('/oauth/token', { ...app, form }), 400, 'invalid_request')
    },
  },
  {
    source: 'RFC 6749 §2.3.1',
    level: 'MUST',
    demand: 'support HTTP Basic with form-encoded id and secret',
    answer: 'id and secret of the Basic header are form-decoded',
    async check(peer) {
      const form = new URLSearchParams({ a: 'odd:id', b: 'a secret+with%signs' }).toString()
      const [id, secret] = form.split('&').map((pair) => pair.slice(2))
      const answer = await peer.send('/oauth/token', { basic: `${id}:${secret}`, form: grant })
      expect(answer.status).to.equal(200)
    },
  },
  {
    source: 'RFC 6749 §2.3.1',
    level: 'MAY',
    demand: 'accept credentials in the request body',
    answer: 'credentials in the form body do as well',
    async check(peer) {
      const form = { ...grant, client_id: 'app', client_secret: 'app-secret' }
      expect((await peer.send('/oauth/token', { form })).status).to.equal(200)
    },
  },
  {
    source: 'RFC 6749 §2.3.1',
    level: 'MUST NOT',
    demand: 'credentials stand in the request URI',
    answer: 'credentials in the query string are refused, right or wrong',
    async check(peer) {
      const path = '/oauth/token?client_id=app&client_secret=app-secret'
      await expectError(peer.send(path, { form: grant }), 400, 'invalid_request')
    },
  },
  {
    source: 'RFC 6749 §2.3.1',
    level: 'MUST',
    demand: 'protect the endpoint against brute force',
    answer:
      'not yet: unknown and wrong cost the same, but attempts are not counted; limit them before the gateway',
  },
  {
    source: 'RFC 6749 §3.2',
    level: 'MUST',
    demand: 'the token endpoint is reached by POST',
    answer: 'a GET of the token endpoint is refused with 405',
    async check(peer) {
      const answer = await peer.send('/oauth/token?grant_type=client_credentials', {
        ...app,
        method: 'GET',
      })
      expect(answer.status).to.equal(405)
    },
  },
  {
    source: 'RFC 6749 §3.2',
    level: 'MUST',
    demand: 'a parameter without a value counts as omitted',
    answer: 'an empty scope gets the default scopes, an empty grant_type is missing',
    async check(peer) {
      const { json } = await peer.send('/oauth/token', { ...app, form: { ...grant, scope: '' } })
      expect(json.scope).to.equal('read')
      const empty = peer.send('/oauth/token', { ...app, form: { grant_type: '' } })
      await expectError(empty, 400, 'invalid_request')
    },
  },
  {
    source: 'RFC 6749 §3.2',
    level: 'MUST',
    demand: 'ignore unrecognised parameters',
    answer: 'a parameter that nobody knows changes nothing',
    async check(peer) {
      const form = { ...grant, shoe_size: '43' }
      expect((await peer.send('/oauth/token', { ...app, form })).status).to.equal(200)
    },
  },
  {
    source: 'RFC 6749 §3.2',
    level: 'MUST NOT',
    demand: 'parameters are sent more than once',
    answer: 'a repeated parameter is `invalid_request`, and it is named',
    async check(peer) {
      const form = 'grant_type=client_credentials&scope=read&scope=write'
      const answer = await peer.send('/oauth/token', { ...app, form })
      expect(answer.status).to.equal(400)
      expect(answer.json.error).to.equal('invalid_request')
      expect(answer.json.error_description).to.include('scope')
    },
  },
  {
    source: 'RFC 6749 §3.2.1',
    level: 'MUST',
    demand: 'a confidential client authenticates at the token endpoint',
    answer: 'without credentials the token endpoint answers 401 `invalid_client`',
    async check(peer) {
      await expectError(peer.send('/oauth/token', { form: grant }), 401, 'invalid_client')
      const byId = peer.send('/oauth/token', { form: { ...grant, client_id: 'app' } })
      await expectError(byId, 401, 'invalid_client')
    },
  },
  {
    source: 'RFC 6749 §3.3',
    level: 'MUST',
    demand: 'the issued scope is told where it differs from the requested one',
    answer: 'the scope is told wherever there is one',
    async check(peer) {
      const { json } = await peer.send('/oauth/token', { ...app, form: grant })
      expect(json.scope).to.equal('read')
    },
  },
  {
    source: 'RFC 6749 §3.3',
    level: 'MUST',
    demand: 'scopes are case-sensitive and separated by spaces',
    answer: 'READ is not read, and read,write is one unknown scope',
    async check(peer) {
      for (const scope of ['READ', 'read,write']) {
        const answer = peer.send('/oauth/token', { ...app, form: { ...grant, scope } })
        await expectError(answer, 400, 'invalid_scope')
      }
    },
  },
  {
    source: 'RFC 6749 §3.3',
    level: 'MUST',
    demand: 'a request without scope gets a default or fails',
    answer: 'a request without scope gets the default scopes of the client',
    async check(peer) {
      const said = await peer.introspect(await peer.issue())
      expect(said.scope).to.equal('read')
    },
  },
  {
    source: 'RFC 6749 §3.3',
    level: 'MUST',
    demand: 'a request without scope gets a default or fails',
    answer: 'a request without scope is `invalid_scope` where the client has no default ones',
    async check(peer) {
      const basic = 'no-defaults:no-defaults-secret'
      await expectError(peer.send('/oauth/token', { basic, form: grant }), 400, 'invalid_scope')
      const form = { ...grant, scope: 'read' }
      expect((await peer.send('/oauth/token', { basic, form })).json.scope).to.equal('read')
    },
  },
  {
    source: 'RFC 6749 §3.3',
    level: 'MUST',
    demand: 'a request without scope gets a default or fails',
    answer: 'a client without any scopes gets a token without any, and `scope` is left out',
    async check(peer) {
      const { status, json } = await peer.send('/oauth/token', {
        basic: 'no-scopes:no-scopes-secret',
        form: grant,
      })
      expect(status).to.equal(200)
      expect(json).not.to.have.property('scope')
    },
  },
  {
    source: 'RFC 6749 §4.4',
    level: 'MUST',
    demand: 'the grant is for confidential clients only',
    answer: 'a public client that asks by client credentials is `unauthorized_client`',
    async check(peer) {
      const answer = peer.send('/oauth/token', { form: { ...grant, client_id: 'phone' } })
      await expectError(answer, 400, 'unauthorized_client')
    },
  },
  {
    source: 'RFC 6749 §4.4.2',
    level: 'REQUIRED',
    demand: 'the parameter `grant_type`',
    answer: 'a missing grant_type is `invalid_request`',
    async check(peer) {
      await expectError(peer.send('/oauth/token', { ...app, form: {} }), 400, 'invalid_request')
    },
  },
  {
    source: 'RFC 6749 §4.4.3',
    level: 'SHOULD NOT',
    demand: 'a refresh token comes with the grant',
    answer: 'client credentials bring no refresh token',
    async check(peer) {
      const { json } = await peer.send('/oauth/token', { ...app, form: grant })
      expect(json).not.to.have.property('refresh_token')
    },
  },
  {
    source: 'RFC 6749 §5.1',
    level: 'MUST',
    demand: 'the answer is JSON with access_token and token_type, not to be stored',
    answer: 'a token comes as JSON with type and lifetime, under no-store and no-cache',
    async check(peer) {
      const answer = await peer.send('/oauth/token', { ...app, form: grant })
      expect(answer.status).to.equal(200)
      expect(answer.headers.get('content-type')).to.match(/^application\/json/)
      expect(answer.headers.get('cache-control')).to.equal('no-store')
      expect(answer.headers.get('pragma')).to.equal('no-cache')
      expect(answer.json).to.have.all.keys('access_token', 'token_type', 'expires_in', 'scope')
      expect(answer.json).to.include({ token_type: 'Bearer', expires_in: 3600 })
    },
  },
  {
    source: 'RFC 6749 §5.2',
    level: 'MUST',
    demand: 'invalid_client with the Authorization header is 401 and names the scheme',
    answer: 'a wrong secret in the header gets 401 with a Basic challenge',
    async check(peer) {
      const answer = await peer.send('/oauth/token', { basic: 'app:wrong', form: grant })
      expect(answer.status).to.equal(401)
      expect(answer.headers.get('www-authenticate')).to.match(/^Basic /)
    },
  },
  {
    source: 'RFC 6749 §5.2',
    level: 'MUST',
    demand: 'a client that may not use the grant is unauthorized_client',
    answer: 'a client that is not registered for the grant is `unauthorized_client`',
    async check(peer) {
      const answer = peer.send('/oauth/token', { basic: 'other:other-secret', form: grant })
      await expectError(answer, 400, 'unauthorized_client')
    },
  },
  {
    source: 'RFC 6749 §5.2',
    level: 'MUST',
    demand: 'a grant that the server does not know is unsupported_grant_type',
    answer: 'an unknown grant is 400 `unsupported_grant_type`',
    async check(peer) {
      const form = { grant_type: 'urn:example:barter' }
      await expectError(peer.send('/oauth/token', { ...app, form }), 400, 'unsupported_grant_type')
    },
  },
  {
    source: 'RFC 6749 §5.2',
    level: 'MUST',
    demand: 'a scope that is unknown, malformed or too much is invalid_scope',
    answer: 'scopes that are not registered, or malformed, are `invalid_scope`',
    async check(peer) {
      for (const scope of ['admin', 'read admin', 'read "write"', 'ü', '\u0000']) {
        const answer = peer.send('/oauth/token', { ...app, form: { ...grant, scope } })
        await expectError(answer, 400, 'invalid_scope')
      }
    },
  },
  {
    source: 'RFC 6749 §5.2',
    level: 'MUST NOT',
    demand: 'error_description has characters outside %x20-21 / %x23-5B / %x5D-7E',
    answer: 'descriptions keep to the permitted characters, whatever was sent',
    async check(peer) {
      const form = { ...grant, scope: 'x', 'ä"\\\n': '1' }
      const twice = `${new URLSearchParams(form)}&${new URLSearchParams(form)}`
      for (const body of [form, twice]) {
        const { json } = await peer.send('/oauth/token', { ...app, form: body })
        expect(json.error_description).to.match(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
      }
    },
  },
  {
    source: 'RFC 6749 §10.10',
    level: 'MUST',
    demand: 'tokens cannot be guessed (at most one in 2¹²⁸)',
    answer: 'an access token has 54 random characters of base64url, 324 bits',
    async check(peer) {
      const tokens = await Promise.all(Array.from({ length: 50 }, () => peer.issue()))
      expect(new Set(tokens).size).to.equal(50)
      for (const token of tokens) expect(token).to.match(/^[A-Za-z0-9_-]{54}$/)
    },
  },
]
