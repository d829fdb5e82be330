import { expect } from 'chai'
import type { Requirement } from './requirement.ts'

const own = { basic: 'app:app-secret' }

/** OAuth 2.0 Token Revocation. */
export const rfc7009: readonly Requirement[] = [
  {
    source: 'RFC 7009 §2',
    level: 'MUST',
    demand: 'support the revocation of refresh tokens',
    answer: 'a refresh token is revoked',
    async check(peer) {
      const answer = await peer.send('/oauth/revoke', { ...own, form: { token: 'app-refresh' } })
      expect(answer.status).to.equal(200)
      const { json } = await peer.send('/oauth/introspect', {
        basic: 'app-and-api:app-and-api-secret',
        form: { token: 'app-refresh' },
      })
      expect(json).to.deep.equal({ active: false })
    },
  },
  {
    source: 'RFC 7009 §2',
    level: 'SHOULD',
    demand: 'support the revocation of access tokens',
    answer: 'an access token is revoked',
    async check(peer) {
      const token = await peer.issue()
      expect((await peer.introspect(token)).active).to.equal(true)
      expect((await peer.send('/oauth/revoke', { ...own, form: { token } })).status).to.equal(200)
      expect(await peer.introspect(token)).to.deep.equal({ active: false })
    },
  },
  {
    source: 'RFC 7009 §2',
    level: 'MUST',
    demand: 'the endpoint is reached by POST',
    answer: 'another method is refused with 405 and Allow',
    async check(peer) {
      const token = await peer.issue()
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await peer.send(`/oauth/revoke?token=${token}`, { ...own, method })
        expect(answer.status).to.equal(405)
        expect(answer.headers.get('allow')).to.equal('POST')
      }
      expect((await peer.introspect(token)).active).to.equal(true)
    },
  },
  {
    source: 'RFC 7009 §2',
    level: 'MUST',
    demand: 'requests travel over TLS',
    answer: 'the samples listen on loopback only; elsewhere give the listener a certificate',
  },
  {
    source: 'RFC 7009 §2.1',
    level: 'REQUIRED',
    demand: 'the parameter `token`',
    answer: 'a request without a token, or with an empty one, is `invalid_request`',
    async check(peer) {
      for (const form of [{}, { token: '' }]) {
        const answer = await peer.send('/oauth/revoke', { ...own, form })
        expect(answer.status).to.equal(400)
        expect(answer.json.error).to.equal('invalid_request')
      }
    },
  },
  {
    source: 'RFC 7009 §2.1',
    level: 'MUST',
    demand: 'a token not found by the hint is searched for among all types',
    answer: 'a wrong hint does not keep a token alive',
    async check(peer) {
      const token = await peer.issue()
      const form = { token, token_type_hint: 'refresh_token' }
      expect((await peer.send('/oauth/revoke', { ...own, form })).status).to.equal(200)
      expect((await peer.introspect(token)).active).to.equal(false)
    },
  },
  {
    source: 'RFC 7009 §2.1',
    level: 'MUST',
    demand: 'a confidential client authenticates',
    answer: 'without right credentials the answer is 401 `invalid_client`, and the token lives',
    async check(peer) {
      const token = await peer.issue()
      for (const basic of ['app:wrong', 'nobody:app-secret', 'app:']) {
        const answer = await peer.send('/oauth/revoke', { basic, form: { token } })
        expect(answer.status).to.equal(401)
        expect(answer.json.error).to.equal('invalid_client')
      }
      const byIdAlone = await peer.send('/oauth/revoke', { form: { token, client_id: 'app' } })
      expect(byIdAlone.status).to.equal(401)
      const anonymous = await peer.send('/oauth/revoke', { form: { token } })
      expect(anonymous.status).to.equal(401)
      expect((await peer.introspect(token)).active).to.equal(true)
    },
  },
  {
    source: 'RFC 7009 §2.1',
    level: 'MUST',
    demand: 'a token of another client is refused, and the client is told',
    answer: 'another client’s token is refused with `unauthorized_client` and lives',
    async check(peer) {
      const token = await peer.issue()
      const answer = await peer.send('/oauth/revoke', {
        basic: 'other:other-secret',
        form: { token },
      })
      expect(answer.status).to.equal(400)
      expect(answer.json.error).to.equal('unauthorized_client')
      expect((await peer.introspect(token)).active).to.equal(true)
    },
  },
  {
    source: 'RFC 7009 §2.1',
    level: 'MUST',
    demand: 'a public client revokes its own tokens only',
    answer: 'a public client needs but its id, and another’s token is refused',
    async check(peer) {
      const token = await peer.issue()
      const foreign = await peer.send('/oauth/revoke', { form: { token, client_id: 'phone' } })
      expect(foreign.json.error).to.equal('unauthorized_client')
      const form = { token: 'phone-access', client_id: 'phone' }
      expect((await peer.send('/oauth/revoke', { form })).status).to.equal(200)
      expect(await peer.introspect('phone-access')).to.deep.equal({ active: false })
    },
  },
  {
    source: 'RFC 7009 §2.1',
    level: 'MUST',
    demand: 'the invalidation takes place at once',
    answer: 'no introspection after the answer calls the token active',
    async check(peer) {
      for (let round = 0; round < 20; round++) {
        const token = await peer.issue()
        await peer.send('/oauth/revoke', { ...own, form: { token } })
        expect(await peer.introspect(token)).to.deep.equal({ active: false })
      }
    },
  },
  {
    source: 'RFC 7009 §2.1',
    level: 'SHOULD',
    demand: 'with a refresh token go the access tokens of the same grant',
    answer: 'with a refresh token goes every access token of its family',
    async check(peer) {
      expect((await peer.introspect('family-access')).active).to.equal(true)
      const form = { token: 'family-refresh' }
      expect((await peer.send('/oauth/revoke', { ...own, form })).status).to.equal(200)
      expect(await peer.introspect('family-access')).to.deep.equal({ active: false })
    },
  },
  {
    source: 'RFC 7009 §2.2',
    level: 'MUST',
    demand: 'an invalid token is no error',
    answer: 'unknown, malformed and already revoked tokens get 200 with an empty body',
    async check(peer) {
      const token = await peer.issue()
      await peer.send('/oauth/revoke', { ...own, form: { token } })
      for (const invalid of [token, 'unknown', '\u0000', 'ü', 'x'.repeat(10_000)]) {
        const answer = await peer.send('/oauth/revoke', { ...own, form: { token: invalid } })
        expect(answer.status).to.equal(200)
        expect(answer.text).to.equal('')
      }
    },
  },
  {
    source: 'RFC 7009 §2.2',
    level: 'MUST',
    demand: 'an invalid hint is ignored',
    answer: 'a hint that nobody knows changes nothing',
    async check(peer) {
      const token = await peer.issue()
      const form = { token, token_type_hint: 'pigeon' }
      expect((await peer.send('/oauth/revoke', { ...own, form })).status).to.equal(200)
      expect((await peer.introspect(token)).active).to.equal(false)
    },
  },
  {
    source: 'RFC 7009 §2.2.1',
    level: 'MUST',
    demand: 'errors have the form of RFC 6749 §5.2',
    answer: 'an error is JSON with `error` and `error_description`, not to be stored',
    async check(peer) {
      const answer = await peer.send('/oauth/revoke', { ...own, form: {} })
      expect(answer.headers.get('content-type')).to.match(/^application\/json/)
      expect(answer.headers.get('cache-control')).to.equal('no-store')
      expect(answer.json).to.have.all.keys('error', 'error_description')
    },
  },
  {
    source: 'RFC 7009 §2.2.1',
    level: 'MUST',
    demand: 'a 503 means that the token still exists',
    answer:
      'a store that does not answer is 503 with Retry-After, never 200 (policies/oauth/revoke.test.json)',
  },
  {
    source: 'RFC 7009 §2.3',
    level: 'MAY',
    demand: 'support JSONP by the parameter `callback`',
    answer: 'JSONP is not supported: the parameter is ignored',
    async check(peer) {
      const token = await peer.issue()
      const form = { token, callback: 'run' }
      const answer = await peer.send('/oauth/revoke', { ...own, form })
      expect(answer.status).to.equal(200)
      expect(answer.text).to.equal('')
    },
  },
]
