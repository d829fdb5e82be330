import { expect } from 'chai'
import { defineFilter } from '../../../engine/policy/filter.ts'
import { FindingsError } from '../../../engine/policy/finding.ts'
import { formatTestReport } from '../../../engine/policy/format-test-report.ts'
import {
  type Given,
  type OpenPolicy,
  readPolicyTest,
  runPolicyTest,
} from '../../../engine/policy/policy-test.ts'
import { refuse } from '../../../engine/policy/refusal.ts'
import { reveal } from '../../../engine/policy/secret.ts'
import { type PolicyByHand, programOf, runPolicy } from './by-hand.ts'

const FILE = 'policies/demo.test.json'

/** Knows the tokens that are given. */
function finder(tokens: ReadonlySet<string>) {
  return defineFilter({
    name: 'demo/find',
    summary: 'Finds a token.',
    outcomes: ['success', 'failure'],
    reads: ['request'],
    writes: { success: ['owner'] },
    create: () => (message) => {
      const token = reveal(message.request.form.token)
      if (!token || !tokens.has(token)) return refuse('invalid_token', 'the token is unknown')
      message.set('owner', 'john')
      return 'success'
    },
  })
}

const answer = defineFilter({
  name: 'demo/answer',
  summary: 'Answers.',
  outcomes: ['success'],
  writes: { success: ['response'] },
  create: () => (message) => {
    const { token } = message.request.form
    const error = message.get('error')?.code
    const owner = message.get('owner')
    message.set('response', {
      status: message.get('fault') ? 500 : error ? 400 : 200,
      headers: { 'content-type': 'application/json', 'x-kind': 'demo' },
      body: JSON.stringify({ error, owner, token: reveal(token), scopes: ['read', 'write'] }),
    })
    return 'success'
  },
})

function policyOn(tokens: ReadonlySet<string>): PolicyByHand {
  return {
    fault: 'apologise',
    nodes: {
      find: { filter: finder(tokens), on: { success: 'done', failure: 'refuse' } },
      done: { filter: answer, on: { success: '@success' } },
      refuse: { filter: answer, on: { success: '@failure' } },
      apologise: { filter: answer, on: { success: '@failure' } },
    },
  }
}

const PARENT: PolicyByHand = {
  name: 'parent',
  nodes: {
    check: {
      filter: runPolicy,
      config: { policy: 'demo' },
      on: { success: '@success', failure: '@failure' },
    },
  },
}

const open: OpenPolicy = async (given) => ({
  program: programOf(policyOn(tokensOf(given))),
  confidential: new Set(['token']),
})

const openParent: OpenPolicy = async (given) => ({
  program: programOf(PARENT, policyOn(tokensOf(given))),
  confidential: new Set(['token']),
})

function tokensOf(given: readonly Given[]): ReadonlySet<string> {
  return new Set(given.flatMap(({ tokens }) => tokens as string[]))
}

interface Written {
  readonly token?: string
  readonly name?: string
  readonly given?: object
  readonly mocks?: object
  readonly expect: object
}

function testOf(...cases: readonly Written[]) {
  const written = cases.map(({ token = 'known-token', name = 'a case', ...rest }) => ({
    name,
    request: { method: 'POST', path: '/demo', form: { token } },
    ...rest,
  }))
  const text = JSON.stringify({ given: { tokens: ['known-token'] }, cases: written }, null, 2)
  return readPolicyTest(FILE, text)
}

async function differencesOf(written: Written, opened = open) {
  const { cases } = await runPolicyTest(testOf(written), opened)
  return cases[0]?.differences.map(
    ({ place, expected, actual }) => `${place}: ${expected} / ${actual}`,
  )
}

const SUCCESS = { status: 200, path: ['find:success', 'done:success'] }

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

describe('the coverage of a policy', () => {
  const refused = { token: 'unknown', expect: { status: 400 } }
  const outage = { mocks: { find: { throw: 'unavailable' } }, expect: { status: 500 } }

  async function coverageOf(...cases: readonly Written[]) {
    const { coverage } = await runPolicyTest(testOf(...cases), open)
    return coverage
  }

  it('lists the edges that no case has walked', async () => {
    expect(await coverageOf({ expect: SUCCESS })).to.deep.equal({
      policy: 'demo',
      walked: ['find:success', 'done:success'],
      byOutage: [],
      unwalked: ['find:failure', 'refuse:success', 'apologise:success', '*:fault'],
    })
  })

  it('is complete with every outcome walked for real, and one fault of any node', async () => {
    const { byOutage, unwalked } = await coverageOf({ expect: SUCCESS }, refused, outage)
    expect(unwalked).to.deep.equal([])
    expect(byOutage).to.deep.equal(['*:fault'])
  })

  it('does not count an edge as walked whose node was mocked', async () => {
    const mocked = { mocks: { find: { outcome: 'failure' } }, expect: { status: 200 } }
    const { walked, unwalked } = await coverageOf(mocked)
    expect(walked).to.deep.equal(['refuse:success'])
    expect(unwalked).to.include('find:failure')
  })

  it('lists apart what only an outage brings about', async () => {
    const mocks = { find: { outcome: 'failure', outage: true } }
    const { byOutage, unwalked } = await coverageOf({ mocks, expect: { status: 200 } })
    expect(byOutage).to.deep.equal(['find:failure'])
    expect(unwalked).to.not.include('find:failure')
  })

  it('does not take a fault on the fault path for one that the fault node answers', async () => {
    const mocks = { apologise: { throw: 'error' }, find: { throw: 'error' } }
    expect((await coverageOf({ mocks, expect: { status: 500 } })).byOutage).to.deep.equal([
      '*:fault',
    ])
    const policy = { ...policyOn(new Set()), fault: 'refuse' }
    const { nodes } = policy
    const opened: OpenPolicy = async () => ({
      program: programOf({
        ...policy,
        nodes: { find: nodes.find, done: nodes.done, refuse: nodes.refuse } as typeof nodes,
      }),
      confidential: new Set(),
    })
    const test = testOf({ mocks: { refuse: { throw: 'error' } }, expect: { status: 500 } })
    const { coverage } = await runPolicyTest(test, opened)
    expect(coverage.unwalked).to.include('*:fault')
  })

  it('knows of the edges that were walked in sub-policies', async () => {
    const { coverage, walks } = await runPolicyTest(testOf(refused), async (given) =>
      openParent(given),
    )
    expect(coverage.walked).to.deep.equal(['check:failure'])
    expect(walks).to.deep.include({
      policy: 'demo',
      node: 'find',
      outcome: 'failure',
      how: 'really',
    })
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
