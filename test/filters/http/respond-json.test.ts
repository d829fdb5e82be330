import { expect } from 'chai'
import { Secret } from '../../../engine/index.ts'
import { testFilter } from '../../../engine/policy/test-filter.ts'
import respondJson from '../../../filters/http/respond-json.ts'

type Given = Readonly<Record<string, unknown>>

describe('http/respond-json', () => {
  async function answer(config: Given, attributes: Given = {}) {
    const request = { form: { name: 'john' }, headers: { authorization: 'Bearer abc' } }
    const { message } = await testFilter(respondJson, { config, attributes, request })
    return message.get('response')
  }
  const bodyOf = async (config: Given, attributes?: Given) =>
    JSON.parse((await answer(config, attributes))?.body ?? '') as unknown

  describe('with a body', () => {
    it('sends what the expressions yield, by their names', async () => {
      const body = {
        name: { var: 'request.form.name' },
        greeting: { cat: ['Hello, ', { var: 'request.form.name' }] },
        list: ['a', 1],
        nothing: { var: 'request.form.nothing' },
        yes: { '==': [1, 1] },
      }
      expect(await bodyOf({ body })).to.deep.equal({
        name: 'john',
        greeting: 'Hello, john',
        list: ['a', 1],
        nothing: null,
        yes: true,
      })
    })

    it('sends an object without members', async () => {
      expect(await bodyOf({ body: {} })).to.deep.equal({})
    })

    it('hides secrets', async () => {
      const body = {
        one: { var: 'request.headers.authorization' },
        all: { merge: [{ var: 'request.headers' }] },
      }
      expect(await bodyOf({ body })).to.deep.equal({
        one: '[secret]',
        all: [{ authorization: '[secret]', 'content-type': 'application/x-www-form-urlencoded' }],
      })
    })
  })

  describe('with an attribute', () => {
    const attribute = 'oauth.response'

    it('sends the attribute', async () => {
      for (const value of [{ a: [1, { b: null }] }, [], 'text', 0, false]) {
        expect(await bodyOf({ attribute }, { [attribute]: value })).to.deep.equal(value)
      }
    })

    it('reveals secrets, however deep they are', async () => {
      const value = { token: new Secret('t'), more: [{ code: new Secret('c') }], open: 'o' }
      const expected = { token: 't', more: [{ code: 'c' }], open: 'o' }
      expect(await bodyOf({ attribute }, { [attribute]: value })).to.deep.equal(expected)
      expect(await bodyOf({ attribute }, { [attribute]: new Secret('alone') })).to.equal('alone')
    })

    it('leaves the attribute as it was', async () => {
      const value = Object.freeze({ token: new Secret('t') })
      await answer({ attribute }, { [attribute]: value })
      expect(JSON.stringify(value)).to.equal('{"token":"[secret]"}')
    })

    it('sends a name that every object has as one of its own', async () => {
      const value = JSON.parse('{ "__proto__": { "a": 1 } }')
      const response = await answer({ attribute }, { [attribute]: value })
      expect(response?.body).to.equal('{"__proto__":{"a":1}}')
    })

    it('declares the attribute as read, so that lint proves that it is there', () => {
      expect(respondJson.reads({ attribute })).to.deep.equal([attribute])
      expect(respondJson.reads({ body: {} })).to.deep.equal([])
    })
  })

  it('is neither cached nor called anything but JSON unless it is told so', async () => {
    expect(await answer({ body: {} })).to.deep.include({
      status: 200,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        pragma: 'no-cache',
      },
    })
  })

  it('takes status and headers from the settings, names in lower case', async () => {
    const headers = { 'Content-Type': 'application/problem+json', ETag: '"1"' }
    expect(await answer({ status: 201, headers, body: {} })).to.deep.include({
      status: 201,
      headers: { 'content-type': 'application/problem+json', etag: '"1"' },
    })
  })

  for (const config of [{}, { body: {}, attribute: 'oauth.response' }]) {
    it(`is not created with ${Object.keys(config).join(' and ') || 'neither'}`, async () => {
      const failure = await answer(config, { 'oauth.response': {} }).catch(String)
      expect(failure).to.equal('Error: give either body or attribute')
    })
  }

  it('is not created with a header that no answer can carry', async () => {
    for (const headers of [{ 'x y': '1' }, { 'Content-Length': '3' }, { 'x-a': 'a\nb' }]) {
      expect(await answer({ body: {}, headers }).catch(String)).to.match(/^Error: the header "/)
    }
  })

  for (const config of [{ status: 199 }, { body: [] }, { attribute: '' }, { headers: { a: 1 } }]) {
    it(`does not take the setting ${JSON.stringify(config)}`, async () => {
      expect(await answer(config).catch(String)).to.match(/is given wrong settings/)
    })
  }
})
