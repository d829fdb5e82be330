import { expect } from 'chai'
import { type FilterCase, testFilter } from '../../../engine/policy/testing/test-filter.ts'
import choose from '../../../filters/flow/switch.ts'

const edge = async (value: unknown, request: FilterCase['request'] = {}) =>
  (await testFilter(choose, { config: { value }, request })).outcome

const grantType = { var: ['request.form.grant_type', ''] }

describe('flow/switch', () => {
  const edges: readonly [string, unknown, string][] = [
    ['a text', 'password', 'password'],
    ['an empty text', '', ''],
    ['a number', { '+': [1, 1] }, '2'],
    ['true', { '==': [1, 1] }, 'true'],
    ['false', { '==': [1, 2] }, 'false'],
    ['null', null, '*'],
    ['what is not there', { var: 'request.form.nothing' }, '*'],
    ['a list', ['password'], '*'],
    ['an object', { var: 'request.form' }, '*'],
  ]
  for (const [what, value, expected] of edges) {
    it(`leaves for ${what} by "${expected}"`, async () => {
      expect(await edge(value)).to.equal(expected)
    })
  }

  it('leaves by what the client sent', async () => {
    const request = { form: { grant_type: 'client_credentials' } }
    expect(await edge(grantType, request)).to.equal('client_credentials')
    expect(await edge(grantType)).to.equal('')
  })

  it('is not thrown by a client that sends a structure in place of a text', async () => {
    const value = { var: ['request.json.grant_type', ''] }
    for (const grant_type of [{}, { toString: 1 }, [], [['password']], null]) {
      expect(await edge(value, { json: { grant_type } })).to.equal('*')
    }
  })

  it('does not leave by a secret', async () => {
    const request = { headers: { authorization: 'Bearer abc' } }
    expect(await edge({ var: 'request.headers.authorization' }, request)).to.equal('[secret]')
  })

  it('is not created for a rule that lint refuses', async () => {
    const failure = await edge({ if: [1, 2], or: [1] }).catch(String)
    expect(failure).to.match(/^TypeError/)
  })
})
