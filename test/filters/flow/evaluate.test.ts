import { expect } from 'chai'
import { type FilterCase, testFilter } from '../../../engine/policy/testing/test-filter.ts'
import evaluate from '../../../filters/flow/evaluate.ts'

const outcome = async (condition: unknown, request: FilterCase['request'] = {}) =>
  (await testFilter(evaluate, { config: { condition }, request })).outcome

describe('flow/evaluate', () => {
  it('succeeds if the condition is true and fails if it is false', async () => {
    const isPost = { '==': [{ var: 'request.method' }, 'POST'] }
    expect(await outcome(isPost, { method: 'POST' })).to.equal('success')
    expect(await outcome(isPost, { method: 'GET' })).to.equal('failure')
    expect(await outcome(true)).to.equal('success')
    expect(await outcome(false)).to.equal('failure')
  })

  const others: readonly [string, unknown, string][] = [
    ['a text', 'true', 'a value of type string'],
    ['an empty text', '', 'a value of type string'],
    ['a number', 1, 'a value of type number'],
    ['zero', { '-': [1, 1] }, 'a value of type number'],
    ['a list', [true], 'a list'],
    ['an empty list', [], 'a list'],
    ['an object', { var: 'request.form' }, 'a value of type object'],
    ['null', null, 'null'],
    ['what is not there', { var: 'request.form.nothing' }, 'null'],
    ['what "and" yields of texts', { and: ['a', 'b'] }, 'a value of type string'],
    ['an object with two operators', { '==': [1, 1], '!=': [1, 1] }, ''],
  ]
  for (const [what, condition, described] of others) {
    it(`takes ${what} for a fault, never for yes or no`, async () => {
      const failure: unknown = await outcome(condition).catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(TypeError)
      if (described !== '') {
        expect((failure as Error).message).to.equal(
          `the condition yielded ${described}, not true or false`,
        )
      }
    })
  }

  it('does not tell in its fault what it found', async () => {
    const request = { form: { code: 'a-raw-code' } }
    const failure = await outcome({ var: 'request.form.code' }, request).catch(String)
    expect(failure)
      .to.match(/^TypeError/)
      .and.not.to.include('a-raw-code')
  })

  it('must have a condition', async () => {
    const failure = await testFilter(evaluate, { config: {} }).catch(String)
    expect(failure).to.match(/wrong settings.*condition/)
  })
})
