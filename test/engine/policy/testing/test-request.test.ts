import { expect } from 'chai'
import { reveal, Secret } from '../../../../engine/policy/secret.ts'
import { buildRequest, type RequestSpec } from '../../../../engine/policy/testing/test-request.ts'

function build(spec: Partial<RequestSpec>) {
  const rules = { confidential: new Set(['token']), repeatable: new Set<string>() }
  return buildRequest({ method: 'POST', path: '/demo', ...spec }, rules)
}

describe('the request of a test', () => {
  it('is one from this machine, without a body, when nothing else is said', () => {
    expect(build({})).to.deep.include({
      method: 'POST',
      path: '/demo',
      contentType: '',
      address: '127.0.0.1',
      origin: 'http://127.0.0.1',
    })
  })

  it('carries confidential parameters and credentials as secrets', () => {
    const { form, query, headers } = build({
      basic: 'user:password',
      form: { token: 'abc', scope: 'read' },
      query: { token: 'def' },
    })
    expect(form.token).to.be.instanceOf(Secret)
    expect(form.scope).to.equal('read')
    expect(reveal(query.token)).to.equal('def')
    expect(headers.authorization).to.be.instanceOf(Secret)
    expect(reveal(headers.authorization)).to.equal('Basic dXNlcjpwYXNzd29yZA==')
  })

  it('carries a JSON body with its secrets, also null', () => {
    const { json, contentType } = build({ json: { token: 'abc', list: [1] } })
    expect(contentType).to.equal('application/json')
    expect(json).to.have.property('token').that.is.instanceOf(Secret)
    expect(build({ json: null })).to.have.property('json', null)
  })

  it('has the content type of its body, unless a header says otherwise', () => {
    expect(build({ form: {} }).contentType).to.equal('application/x-www-form-urlencoded')
    const headers = { 'Content-Type': 'Text/Plain; charset=utf-8' }
    expect(build({ headers }).contentType).to.equal('text/plain')
  })

  it('inherits no parameter', () => {
    const { params, form, query } = build({ params: { id: '1' } })
    for (const values of [params, form, query]) expect(Object.getPrototypeOf(values)).to.equal(null)
  })

  it('is refused where a listener would refuse it', () => {
    expect(() => build({ form: { scope: ['read', 'write'] } })).to.throw(
      'a listener answers such a request by itself with 400',
    )
  })
})
