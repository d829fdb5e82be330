import { expect } from 'chai'
import type { Requirement } from './requirement.ts'

const api = { basic: 'api:api-secret' }

/** OAuth 2.0 Token Introspection. */
export const rfc7662: readonly Requirement[] = [
  {
    source: 'RFC 7662 §2',
    level: 'MUST',
    demand: 'the endpoint is protected by TLS',
    answer:
      'the samples listen on loopback only; elsewhere give the listener a certificate (introspection)',
  },
  {
    source: 'RFC 7662 §2.1',
    level: 'MUST',
    demand: 'the request is a POST with form parameters',
    answer: 'a GET, which would show the token in logs, is refused with 405',
    async check(peer) {
      const token = await peer.issue()
      const answer = await peer.send(`/oauth/introspect?token=${token}`, { ...api, method: 'GET' })
      expect(answer.status).to.equal(405)
      expect(answer.headers.get('allow')).to.equal('POST')
    },
  },
  {
    source: 'RFC 7662 §2.1',
    level: 'REQUIRED',
    demand: 'the parameter `token`',
    answer: 'introspection without a token is `invalid_request`',
    async check(peer) {
      const answer = await peer.send('/oauth/introspect', { ...api, form: { token: '' } })
      expect(answer.status).to.equal(400)
      expect(answer.json.error).to.equal('invalid_request')
    },
  },
  {
    source: 'RFC 7662 §2.1',
    level: 'MUST',
    demand: 'a token not found by the hint is searched for among all types',
    answer: 'a wrong or unknown hint does not hide a token',
    async check(peer) {
      const token = await peer.issue()
      for (const hint of ['refresh_token', 'pigeon']) {
        const form = { token, token_type_hint: hint }
        const { json } = await peer.send('/oauth/introspect', { ...api, form })
        expect(json.active).to.equal(true)
      }
    },
  },
  {
    source: 'RFC 7662 §2.1',
    level: 'MUST',
    demand: 'some authorization is needed, against token scanning',
    answer: 'the caller must be a confidential client with the privilege `introspect`',
    async check(peer) {
      const form = { token: await peer.issue() }
      expect((await peer.send('/oauth/introspect', { form })).status).to.equal(401)
      const byId = await peer.send('/oauth/introspect', { form: { ...form, client_id: 'phone' } })
      expect(byId.status).to.equal(401)
      const without = await peer.send('/oauth/introspect', { basic: 'app:app-secret', form })
      expect(without.status).to.equal(403)
      expect(without.json.error).to.equal('unauthorized_client')
    },
  },
  {
    source: 'RFC 7662 §2.2',
    level: 'MUST',
    demand: 'the answer is a JSON object with the boolean `active`',
    answer: 'a living token is described by scope, client, subject, issuer and times in seconds',
    async check(peer) {
      const before = Math.floor(Date.now() / 1000)
      const token = await peer.issue({ scope: 'write read' })
      const answer = await peer.send('/oauth/introspect', { ...api, form: { token } })
      expect(answer.status).to.equal(200)
      expect(answer.headers.get('content-type')).to.match(/^application\/json/)
      const { exp, iat, ...rest } = answer.json
      expect(rest).to.deep.equal({
        active: true,
        scope: 'write read',
        client_id: 'app',
        token_type: 'Bearer',
        sub: 'app',
        iss: peer.url,
      })
      expect(iat).to.be.a('number').that.is.at.least(before)
      expect(exp).to.equal(Number(iat) + 3600)
    },
  },
  {
    source: 'RFC 7662 §2.2',
    level: 'MAY',
    demand: 'the owner of the token is named',
    answer: 'a token with an owner names it by `sub` and `username`',
    async check(peer) {
      const said = await peer.introspect('john-access')
      expect(said).to.include({ active: true, sub: 'john', username: 'john' })
    },
  },
  {
    source: 'RFC 7662 §2.2',
    level: 'MUST',
    demand: 'of a token that is not active, unknown, or not for the caller, `active` is false',
    answer: 'unknown, revoked and expired tokens are exactly `{"active":false}`',
    async check(peer) {
      const revoked = await peer.issue()
      await peer.send('/oauth/revoke', { basic: 'app:app-secret', form: { token: revoked } })
      for (const token of ['unknown', revoked, '\u0000', 'x'.repeat(10_000)]) {
        const answer = await peer.send('/oauth/introspect', { ...api, form: { token } })
        expect(answer.status).to.equal(200)
        expect(answer.text).to.equal('{"active":false}')
      }
    },
  },
  {
    source: 'RFC 7662 §2.2',
    level: 'SHOULD NOT',
    demand: 'tell a resource server of what is not for it',
    answer: 'a refresh token is active only to the client that holds it',
    async check(peer) {
      expect(await peer.introspect('john-refresh')).to.deep.equal({ active: false })
      const own = { basic: 'app-and-api:app-and-api-secret', form: { token: 'own-refresh' } }
      const { json } = await peer.send('/oauth/introspect', own)
      expect(json.active).to.equal(true)
      expect(json).not.to.have.property('token_type')
    },
  },
  {
    source: 'RFC 7662 §2.2',
    level: 'MAY',
    demand: 'answers are cached',
    answer: 'answers are not to be stored, so that a revocation is seen at once',
    async check(peer) {
      const answer = await peer.send('/oauth/introspect', { ...api, form: { token: 'unknown' } })
      expect(answer.headers.get('cache-control')).to.equal('no-store')
    },
  },
  {
    source: 'RFC 7662 §2.3',
    level: 'MUST',
    demand: 'wrong credentials of the caller are 401 as in RFC 6749 §5.2',
    answer: 'a caller with a wrong secret gets 401 `invalid_client` with a challenge',
    async check(peer) {
      const answer = await peer.send('/oauth/introspect', {
        basic: 'api:wrong',
        form: { token: 'unknown' },
      })
      expect(answer.status).to.equal(401)
      expect(answer.json.error).to.equal('invalid_client')
      expect(answer.headers.get('www-authenticate')).to.match(/^Basic realm=/)
    },
  },
  {
    source: 'RFC 7662 §4',
    level: 'MUST',
    demand: 'expiry and revocation are determined, and whatever else a token hangs on',
    answer: 'a token of a disabled client is not active',
    async check(peer) {
      expect(await peer.introspect('disabled-access')).to.deep.equal({ active: false })
    },
  },
]
