import { expect } from 'chai'
import { DeadlineExceeded, refuse, Unavailable } from '../../../engine/index.ts'
import { testFilter } from '../../../engine/policy/testing/test-filter.ts'
import respondError from '../../../filters/oauth/respond-error.ts'
import { oauthErrors } from '../../../oauth/index.ts'

type Given = Readonly<Record<string, unknown>>

const CHALLENGE = 'Basic realm="sallyport", charset="UTF-8"'

describe('oauth/respond-error', () => {
  async function answer(attributes: Given, config: Given = {}) {
    const { message } = await testFilter(respondError, { config, attributes })
    const response = message.get('response')
    if (response === undefined) throw new Error('it wrote no response')
    return { ...response, body: JSON.parse(response.body) as unknown }
  }
  const refused = (code: string, description = 'because', detail?: string) => ({
    error: refuse(code, description, detail),
  })
  const faulty = (cause: unknown) => ({ fault: { node: 'revoke', cause } })

  it('answers a refusal by its code and description, as JSON that nobody keeps', async () => {
    expect(await answer(refused('invalid_request'))).to.deep.equal({
      status: 400,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        pragma: 'no-cache',
      },
      body: { error: 'invalid_request', error_description: 'because' },
    })
  })

  for (const [code, { status }] of Object.entries(oauthErrors)) {
    it(`answers ${code} with ${status}${status === 401 ? ' and a challenge' : ''}`, async () => {
      const { headers, ...rest } = await answer(refused(code))
      expect(rest).to.deep.equal({ status, body: { error: code, error_description: 'because' } })
      expect(headers['www-authenticate']).to.equal(status === 401 ? CHALLENGE : undefined)
    })
  }

  it('answers a code that no standard knows with 400', async () => {
    for (const code of ['out_of_tea', '__proto__', 'toString']) {
      const { status, body } = await answer(refused(code))
      expect(status).to.equal(400)
      expect(body).to.deep.equal({ error: code, error_description: 'because' })
    }
  })

  it('does not tell the detail of a refusal', async () => {
    const { body } = await answer(refused('invalid_client', 'no', 'the client is disabled'))
    expect(body).to.deep.equal({ error: 'invalid_client', error_description: 'no' })
  })

  it('answers access_denied where nothing led to it', async () => {
    expect(await answer({})).to.deep.include({ status: 403 })
  })

  const descriptions: readonly [string, string][] = [
    ['a "quoted" word', "a 'quoted' word"],
    ['a back\\slash', 'a back?slash'],
    ['ünï – 💣', '?n? ? ?'],
    ['line\r\nbreak\ttab\u0000', 'line??break?tab?'],
    ['\u007f\ud800', '??'],
    ["plain ~!#[]{}<>'", "plain ~!#[]{}<>'"],
  ]
  for (const [given, expected] of descriptions) {
    it(`keeps to the characters of RFC 6749 in ${JSON.stringify(given)}`, async () => {
      const { body } = await answer(refused('invalid_scope', given))
      expect(body).to.deep.equal({ error: 'invalid_scope', error_description: expected })
    })
  }

  describe('of a fault', () => {
    const unavailable = {
      error: 'temporarily_unavailable',
      error_description: 'the server cannot answer at present',
    }
    const broken = {
      error: 'server_error',
      error_description: 'the server met an unexpected condition',
    }
    const faults: readonly [string, unknown, number, object, string | undefined][] = [
      [
        'a store that does not answer',
        new Unavailable('db at 10.0.0.7 is down'),
        503,
        unavailable,
        '1',
      ],
      ['a store that says when', new Unavailable('x', { retryAfter: 30 }), 503, unavailable, '30'],
      ['a part of a second', new Unavailable('x', { retryAfter: 1.2 }), 503, unavailable, '2'],
      ['no time at all', new Unavailable('x', { retryAfter: 0 }), 503, unavailable, '1'],
      ['a policy that took too long', new DeadlineExceeded('x'), 503, unavailable, '1'],
      ['an error', new TypeError('secret stuff'), 500, broken, undefined],
      ['a text', 'secret stuff', 500, broken, undefined],
      ['nothing', undefined, 500, broken, undefined],
    ]
    for (const [what, cause, status, body, retryAfter] of faults) {
      it(`answers ${what} with ${status}, and does not say what went wrong`, async () => {
        const response = await answer(faulty(cause))
        expect(response).to.deep.include({ status, body })
        expect(response.headers['retry-after']).to.equal(retryAfter)
        expect(response.headers).not.to.have.property('www-authenticate')
      })
    }

    it('is what it answers, whatever else led to it or stands in the settings', async () => {
      const attributes = { ...refused('invalid_client'), ...faulty(new Unavailable('x')) }
      for (const config of [{}, { status: 403 }, { code: 'access_denied', description: 'no' }]) {
        const { status, body } = await answer(attributes, config)
        expect({ status, body }).to.deep.equal({ status: 503, body: unavailable })
      }
    })
  })

  describe('with settings', () => {
    it('says the code of the settings, not the refusal that led to it', async () => {
      const config = { code: 'unsupported_grant_type', description: 'only one' }
      const { status, body } = await answer(refused('invalid_client'), config)
      expect(status).to.equal(400)
      expect(body).to.deep.equal({ error: 'unsupported_grant_type', error_description: 'only one' })
    })

    it('describes a code by itself where the settings do not', async () => {
      const { body } = await answer(refused('x'), { code: 'invalid_grant' })
      expect(body).to.deep.equal({
        error: 'invalid_grant',
        error_description: oauthErrors.invalid_grant.description,
      })
    })

    it('answers with their status, and with a challenge if that is 401', async () => {
      const other = await answer(refused('unauthorized_client'), { status: 403 })
      expect(other.status).to.equal(403)
      expect(other.headers).not.to.have.property('www-authenticate')
      const challenged = await answer(refused('access_denied'), { status: 401 })
      expect(challenged.status).to.equal(401)
      expect(challenged.headers['www-authenticate']).to.equal(CHALLENGE)
      const quiet = await answer(refused('invalid_client'), { status: 400 })
      expect(quiet.headers).not.to.have.property('www-authenticate')
    })

    it('names their realm', async () => {
      const { headers } = await answer(refused('invalid_client'), { realm: 'My API (test)' })
      expect(headers['www-authenticate']).to.equal('Basic realm="My API (test)", charset="UTF-8"')
    })

    const wrong: readonly Given[] = [
      { status: 399 },
      { status: 600 },
      { code: '' },
      { realm: 'a "quote"' },
      { realm: 'back\\slash' },
      { realm: 'line\r\nSet-Cookie: x=y' },
      { realm: 'rälm' },
      { error: 'x' },
    ]
    for (const config of wrong) {
      it(`does not take ${JSON.stringify(config)}`, async () => {
        expect(await answer({}, config).catch(String)).to.match(/is given wrong settings/)
      })
    }

    it('is not created with a description that goes with no code', async () => {
      expect(await answer({}, { description: 'no' }).catch(String)).to.equal(
        'Error: a description goes with a code; give both or neither',
      )
    })
  })
})
