import { expect } from 'chai'
import { FindingsError } from '../../../../engine/policy/finding.ts'
import { runPolicyTest } from '../../../../engine/policy/testing/policy-test.ts'
import { differencesOf, FILE, open, openParent, SUCCESS, testOf } from './test-by-hand.ts'

describe('a mocked node', () => {
  it('is left by the outcome, with the refusal, attributes and response that the mock names', async () => {
    const failing = { outcome: 'failure', error: { code: 'gone', description: 'It is gone.' } }
    const refused = {
      status: 400,
      body: { error: 'gone', token: 'known-token', scopes: ['read', 'write'] },
    }
    expect(await differencesOf({ mocks: { find: failing }, expect: refused })).to.deep.equal([])
    const mocks = {
      find: { outcome: 'success', set: { owner: 'jane' } },
      done: { outcome: 'success', response: { status: 202, body: { accepted: true } } },
    }
    const accepted = { status: 202, body: { accepted: true }, path: SUCCESS.path }
    expect(await differencesOf({ mocks, expect: accepted })).to.deep.equal([])
  })

  it('throws as the mock says', async () => {
    const path = ['find:fault', 'apologise:success']
    for (const kind of ['unavailable', 'deadline', 'error']) {
      const written = { mocks: { find: { throw: kind } }, expect: { status: 500, path } }
      expect(await differencesOf(written)).to.deep.equal([])
    }
    const parent = { mocks: { check: { throw: 'unavailable' } }, expect: { status: 503 } }
    expect(await differencesOf(parent, openParent)).to.deep.equal([])
    const error = { mocks: { check: { throw: 'error' } }, expect: { status: 500 } }
    expect(await differencesOf(error, openParent)).to.deep.equal([])
  })

  it('may stand in a sub-policy', async () => {
    const mocks = { 'check/find': { outcome: 'failure' } }
    const short = { status: 200, path: ['check:failure'] }
    expect(await differencesOf({ mocks, expect: short }, openParent)).to.deep.equal([])
    const path = ['check/find:failure', 'check/refuse:success', 'check:failure']
    expect(await differencesOf({ mocks, expect: { status: 200, path } }, openParent)).to.deep.equal(
      [],
    )
  })

  it('must be reached', async () => {
    const mocks = { refuse: { outcome: 'success' } }
    expect(await differencesOf({ mocks, expect: SUCCESS })).to.deep.equal([
      'mocks.refuse: to be reached / never reached',
    ])
  })

  const mistakes: readonly [mock: object, place: string, finding: string][] = [
    [
      { fnid: { outcome: 'success' } },
      '18:17',
      'unknown-mock there is no node "fnid" to mock; did you mean "find"?',
    ],
    [
      { find: { outcome: 'sucess' } },
      '18:17',
      'bad-mock the node "find" has no outcome "sucess"; did you mean "success"?',
    ],
    [
      { find: { outcome: 'success', set: { ownr: 1 } } },
      '18:17',
      'bad-mock the filter demo/find does not write "ownr" by success; did you mean "owner"?',
    ],
    [
      { find: { outcome: 'failure', response: { status: 200 } } },
      '18:17',
      'bad-mock the filter demo/find does not write "response" by failure; remove it from the mock',
    ],
    [
      { find: {} },
      '18:17',
      'bad-mock the mock has neither or both of "outcome" and "throw"; give it one of them',
    ],
    [
      { find: { throw: 'error', set: { owner: 1 } } },
      '18:17',
      'bad-mock a node that throws has no "set"; remove it',
    ],
    [
      { done: { outcome: 'success', error: { code: 'x', description: 'y' } } },
      '18:17',
      'bad-mock an "error" goes with the outcome failure only; remove it',
    ],
  ]

  for (const [mocks, place, finding] of mistakes) {
    it(`is refused: ${finding}`, async () => {
      const thrown = await runPolicyTest(testOf({ mocks, expect: SUCCESS }), open).catch(
        (error: unknown) => error,
      )
      expect(thrown).to.be.instanceOf(FindingsError)
      expect((thrown as FindingsError).message).to.equal(`${FILE}:${place} ${finding}`)
    })
  }
})
