import { expect } from 'chai'
import { FindingsError } from '../../../../engine/policy/finding.ts'
import { formatTestReport } from '../../../../engine/policy/testing/format-test-report.ts'
import {
  type Given,
  type OpenPolicy,
  readPolicyTest,
  runPolicyTest,
} from '../../../../engine/policy/testing/policy-test.ts'
import { differencesOf, FILE, open, SUCCESS, testOf } from './test-by-hand.ts'

describe('a policy test', () => {
  it('holds when status, headers, body and way are as expected', async () => {
    const body = {
      owner: 'john',
      token: { $match: '^known-' },
      scopes: { $type: 'array' },
      error: { $absent: true },
    }
    const headers = { 'X-Kind': 'demo', 'retry-after': { $absent: true } }
    expect(await differencesOf({ expect: { ...SUCCESS, headers, body } })).to.deep.equal([])
  })

  it('says of everything else what was expected and what came', async () => {
    const body = { owner: { $type: 'number' }, scopes: ['read'], extra: 1, token: { $match: '^x' } }
    const headers = { 'x-kind': 'other', 'x-none': 'x' }
    const path = ['find:failure', 'refuse:success']
    expect(await differencesOf({ expect: { status: 401, headers, body, path } })).to.deep.equal([
      'status: 401 / 200',
      'headers.x-kind: "other" / "demo"',
      'headers.x-none: "x" / nothing',
      'body.owner: a value of type number / "john"',
      'body.scopes.1: nothing / "write"',
      'body.extra: 1 / nothing',
      'body.token: a text that matches ^x / "[secret]"',
      'path: find:failure refuse:success / find:success done:success',
    ])
  })

  it('holds a body that is written as text against the text itself', async () => {
    const differences = await differencesOf({ expect: { status: 200, body: '' } })
    expect(differences?.[0]).to.include('body: "" / ').and.to.not.include('known-token')
    expect(
      await differencesOf({ expect: { status: 200, body: { $match: '"john"' } } }),
    ).to.deep.equal([])
  })

  it('takes no regular expression that is none for a match', async () => {
    const body = { $match: '(' }
    expect(await differencesOf({ expect: { status: 200, body } })).to.have.length(1)
  })

  it('gives each case fresh stores, with what the file and the case give', async () => {
    const opened: (readonly Given[])[] = []
    let closed = 0
    const counting: OpenPolicy = async (given) => {
      opened.push(given)
      const close = async () => {
        closed += 1
      }
      return { ...(await open(given)), close }
    }
    const own = { given: { tokens: ['mine'] }, token: 'mine', expect: SUCCESS }
    const { cases } = await runPolicyTest(testOf({ expect: SUCCESS }, own), counting)
    expect(cases.map(({ differences }) => differences)).to.deep.equal([[], []])
    expect(opened).to.deep.equal([
      [{ tokens: ['known-token'] }],
      [{ tokens: ['known-token'] }, { tokens: ['mine'] }],
    ])
    expect(closed).to.equal(2)
  })

  it('tells the place of a case in its file, and its trace with secrets masked', async () => {
    const test = testOf({ expect: SUCCESS }, { expect: { status: 500 } })
    const report = await runPolicyTest(test, open)
    expect(report.cases[1]).to.include({ line: 25, column: 5 })
    const text = formatTestReport(report)
    expect(text).to.include(
      '✗ a case\n      policies/demo.test.json:25:5\n      status: expected 500, got 200',
    )
    expect(text).to.include('find  demo/find').and.to.include('owner = "john"')
    expect(text).to.not.include('known-token')
  })
})

describe('the file of a policy test', () => {
  const mistakes: readonly [text: string, finding: string][] = [
    ['{ "cases": [] }', `${FILE}:1:12 bad-test "cases" must not have fewer than 1 items`],
    ['{ "cases": [{}, {}] ', `${FILE}:1:21 malformed-json`],
    [
      '{ "cases": [{ "name": "x", "request": { "method": "GET", "path": "/" }, "expects": { "status": 200 } }] }',
      `${FILE}:1:73 bad-test unknown key "expects"; did you mean "expect"?`,
    ],
    [
      '{ "cases": [{ "name": "x", "request": { "method": "GET", "path": "/" }, "mocks": { "a": { "outcome": "success", "set": {} } }, "expect": { "status": 200 } }] }',
      `${FILE}:1:120 bad-test`,
    ],
  ]

  for (const [text, finding] of mistakes) {
    it(`is refused: ${finding}`, () => {
      expect(() => readPolicyTest(FILE, text)).to.throw(FindingsError, finding)
    })
  }

  it('may not send what a listener would answer by itself', async () => {
    const form = { token: ['one', 'two'] }
    const text = JSON.stringify({
      cases: [{ name: 'x', request: { method: 'POST', path: '/', form }, expect: { status: 200 } }],
    })
    const opened: OpenPolicy = async () => open([{ tokens: [] }])
    const thrown = await runPolicyTest(readPolicyTest(FILE, text), opened).catch(String)
    expect(thrown).to.include('a listener answers such a request by itself with 400')
  })
})
