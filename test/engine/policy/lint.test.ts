import { expect } from 'chai'
import { LINT_CODES } from '../../../engine/policy/lint-codes.ts'
import { lint, placeOf, takeMark } from './lint-setup.ts'

const CLEAN = `{
  "$schema": "../schemas/policy.json",
  "description": "Show an account",
  "start": "find",
  "fault": "apologise",
  "nodes": {
    "find": {
      "filter": "demo/find",
      "config": { "table": "Accounts" },
      "on": { "success": "choose", "failure": "refuse" }
    },
    "choose": {
      "filter": "demo/switch",
      "config": { "on": { "var": "request.method" } },
      "on": { "GET": "enrich", "*": "refuse" }
    },
    "enrich": {
      "filter": "demo/run",
      "config": { "policy": "enrich", "store": "main" },
      "on": { "success": "show", "failure": "refuse" }
    },
    "show": { "filter": "demo/show", "on": { "success": "@success" } },
    "refuse": {
      "filter": "demo/respond",
      "config": { "status": 404, "body": { "var": ["error.code", "none"] } },
      "on": { "success": "@failure" }
    },
    "apologise": {
      "filter": "demo/respond",
      "note": "Says sorry.",
      "config": { "status": 500, "body": { "var": "fault.node" } },
      "on": { "success": "@failure" }
    }
  }
}`

const ENRICH = `{
  "description": "Add to an account",
  "start": "read",
  "nodes": {
    "read": {
      "filter": "demo/set",
      "config": { "reads": ["account"] },
      "on": { "success": "@success", "failure": "@failure" }
    }
  }
}`

interface Mistake {
  readonly title: string
  /** What to replace in the clean policy, and by what; ¶ marks where lint should point. */
  readonly changes: readonly (readonly [from: string, to: string])[]
  readonly code: string
  readonly message: string
  readonly remedy: string
}

const mistakes: readonly Mistake[] = [
  {
    title: 'a comma too many',
    changes: [['"success": "@failure" }\n    }\n  }', '"success": "@failure" }\n    },\n  ¶}']],
    code: 'malformed-json',
    message: 'unexpected "}"',
    remedy: 'no comma after the last entry',
  },
  {
    title: 'a node that stands twice',
    changes: [
      [
        '"apologise": {\n',
        '¶"refuse": { "filter": "demo/respond", "on": { "success": "@failure" } }, "apologise": {\n',
      ],
    ],
    code: 'duplicate-key',
    message: 'the key "refuse" stands twice',
    remedy: 'rename or remove one',
  },
  {
    title: 'a misspelt key of the policy',
    changes: [['"fault": "apologise"', '¶"falt": "apologise"']],
    code: 'bad-policy',
    message: 'unknown key "falt"',
    remedy: 'did you mean "fault"?',
  },
  {
    title: 'a policy without start',
    changes: [
      [
        '{\n  "$schema": "../schemas/policy.json",\n  "description": "Show an account",\n  "start": "find",',
        '¶{"description": "Show an account",',
      ],
    ],
    code: 'bad-policy',
    message: 'the key "start" is missing',
    remedy: 'add it: the node that a request enters by',
  },
  {
    title: 'a node name that a state may not have',
    changes: [
      ['"show": {', '¶"show.it": {'],
      ['"success": "show"', '"success": "show.it"'],
    ],
    code: 'bad-policy',
    message: '"show.it" is no name for this',
    remedy: 'matches ^[a-z][a-z0-9-]*$',
  },
  {
    title: 'a time limit beyond what is allowed',
    changes: [['"start": "find",', '"start": "find", "timeLimit": ¶60001,']],
    code: 'bad-policy',
    message: '"timeLimit" must be <= 60000, not 60001',
    remedy: 'milliseconds that a run may take',
  },
  {
    title: 'a misspelt filter',
    changes: [['"demo/find"', '¶"demo/fnd"']],
    code: 'unknown-filter',
    message: 'node "find" names the unknown filter "demo/fnd"',
    remedy: 'did you mean "demo/find"?',
  },
  {
    title: 'a misspelt setting',
    changes: [['{ "table": "Accounts" }', '{ ¶"tabel": "Accounts" }']],
    code: 'bad-config',
    message: 'node "find" (demo/find): unknown setting "tabel"',
    remedy: 'did you mean "table"?',
  },
  {
    title: 'a setting of the wrong type',
    changes: [['{ "table": "Accounts" }', '{ "table": "Accounts", "limit": ¶"three" }']],
    code: 'bad-config',
    message: '"limit" must be a whole number, not a text',
    remedy: 'write a whole number',
  },
  {
    title: 'a setting that is none of its values',
    changes: [['{ "table": "Accounts" }', '{ "table": "Accounts", "order": ¶"newst" }']],
    code: 'bad-config',
    message: '"order" must be one of "newest", "oldest", not "newst"',
    remedy: 'did you mean "newest"?',
  },
  {
    title: 'a setting out of its range',
    changes: [['{ "table": "Accounts" }', '{ "table": "Accounts", "limit": ¶10 }']],
    code: 'bad-config',
    message: '"limit" must be <= 9, not 10',
    remedy: 'it is: how many',
  },
  {
    title: 'a missing setting',
    changes: [['"config": { "table": "Accounts" }', '¶"config": {}']],
    code: 'bad-config',
    message: 'the setting "table" is missing',
    remedy: 'add it: where accounts are kept',
  },
  {
    title: 'settings that are missing altogether',
    changes: [
      [
        '"find": {\n      "filter": "demo/find",\n      "config": { "table": "Accounts" },',
        '¶"find": {\n      "filter": "demo/find",',
      ],
    ],
    code: 'bad-config',
    message: 'the setting "table" is missing',
    remedy: 'add it: where accounts are kept',
  },
  {
    title: 'a missing edge',
    changes: [
      ['"on": { "success": "choose", "failure": "refuse" }', '¶"on": { "success": "choose" }'],
    ],
    code: 'missing-edge',
    message: 'node "find" has no edge for the outcome "failure" of demo/find',
    remedy: 'add "failure": "<node>" to its "on"',
  },
  {
    title: 'a switch without the edge for all else',
    changes: [['"on": { "GET": "enrich", "*": "refuse" }', '¶"on": { "GET": "enrich" }']],
    code: 'missing-edge',
    message: 'node "choose" has no edge for the outcome "*"',
    remedy: 'add "*"',
  },
  {
    title: 'an edge that the filter does not have',
    changes: [
      ['"show", "failure": "refuse" }', '"show", "failure": "refuse", ¶"error": "refuse" }'],
    ],
    code: 'unknown-edge',
    message: 'node "enrich" has an edge "error", which is no outcome of demo/run',
    remedy: 'remove it; the outcomes are "success" and "failure"',
  },
  {
    title: 'a pattern for an edge',
    changes: [['"GET": "enrich", ', '"GET": "enrich", ¶"P*": "enrich", ']],
    code: 'unknown-edge',
    message: 'node "choose" has an edge "P*"',
    remedy: '"*" alone stands for every other one',
  },
  {
    title: 'an edge to nowhere',
    changes: [['"GET": "enrich"', '"GET": ¶"enrch"']],
    code: 'unknown-target',
    message: 'the edge "GET" of node "choose" leads to "enrch"',
    remedy: 'did you mean "enrich"?',
  },
  {
    title: 'an end that does not exist',
    changes: [['"on": { "success": "@success" }', '"on": { "success": ¶"@sucess" }']],
    code: 'unknown-target',
    message: 'leads to "@sucess"',
    remedy: 'did you mean "@success"?',
  },
  {
    title: 'a start that does not exist',
    changes: [['"start": "find"', '"start": ¶"fnid"']],
    code: 'unknown-target',
    message: '"start" leads to "fnid"',
    remedy: 'did you mean "find"?',
  },
  {
    title: 'a fault that leads to an end',
    changes: [['"fault": "apologise"', '"fault": ¶"@failure"']],
    code: 'unknown-target',
    message: '"fault" leads to "@failure"',
    remedy: 'name a node that is there',
  },
  {
    title: 'a node that nothing leads to',
    changes: [
      ['"GET": "enrich"', '"GET": "show"'],
      ['"enrich": {', '¶"enrich": {'],
    ],
    code: 'unreachable-node',
    message: 'no path leads to node "enrich"',
    remedy: 'lead an edge to it, or remove it',
  },
  {
    title: 'a circle',
    changes: [['"success": "show", "failure": "refuse"', '"success": "show", "failure": ¶"find"']],
    code: 'cycle',
    message: 'the edge "failure" of node "enrich" closes a circle: find → choose → enrich → find',
    remedy: 'lead it onwards',
  },
  {
    title: 'a policy that is not there',
    changes: [['"policy": "enrich"', '"policy": ¶"enrihc"']],
    code: 'unknown-policy',
    message: 'node "enrich" (demo/run) names the unknown policy "enrihc"',
    remedy: 'did you mean "enrich"?',
  },
  {
    title: 'a policy that runs itself',
    changes: [['"policy": "enrich"', '"policy": ¶"show"']],
    code: 'policy-cycle',
    message: 'policy "show" would run itself: show → show',
    remedy: 'remove one of the nodes',
  },
  {
    title: 'a store that is not there',
    changes: [['"store": "main"', '"store": ¶"mian"']],
    code: 'unknown-store',
    message: 'names the unknown store "mian"',
    remedy: 'did you mean "main"?',
  },
  {
    title: 'a table that is not there',
    changes: [['"table": "Accounts"', '"table": ¶"Clients"']],
    code: 'unknown-table',
    message: 'names the unknown table "Clients"',
    remedy: 'known are "Accounts"',
  },
  {
    title: 'a thing of a kind that no extension brings',
    changes: [['"store": "main"', '"coin": ¶"silver"']],
    code: 'unknown-coin-purse',
    message: 'names the unknown coin purse "silver"',
    remedy: 'there is no coin purse yet',
  },
  {
    title: 'an expression with two operators',
    changes: [
      ['{ "var": "request.method" }', '¶{ "==": [1, 1], "!=": [{ "var": "request.method" }, 1] }'],
    ],
    code: 'bad-expression',
    message: 'node "choose" (demo/switch): an object in an expression has exactly one operator',
    remedy: 'combine conditions',
  },
  {
    title: 'an unknown operator in a branch that is never taken',
    changes: [['{ "var": "request.method" }', '{ "if": [true, 1, { ¶"equals": [1, 2] }] }']],
    code: 'bad-expression',
    message: 'unknown operator "equals"',
    remedy: 'use one of',
  },
  {
    title: 'an expression in a map of expressions that prints',
    changes: [['"config": { "status": 404,', '"config": { "headers": { "X/Y": { ¶"log": 1 } },']],
    code: 'bad-expression',
    message: 'unknown operator "log"',
    remedy: 'use one of',
  },
  {
    title: 'an expression over a member that no request has',
    changes: [['{ "var": "request.method" }', '{ "var": ¶"request.metod" }']],
    code: 'bad-expression',
    message: 'node "choose" (demo/switch): the request has no member "metod"',
    remedy: 'did you mean "method"?',
  },
  {
    title: 'an expression over a header in capitals',
    changes: [['{ "var": "request.method" }', '{ "var": [¶"request.headers.User-Agent", ""] }']],
    code: 'bad-expression',
    message: 'the name of the header "User-Agent" has capitals',
    remedy: 'write "request.headers.user-agent"',
  },
  {
    title: 'a read that nothing writes',
    changes: [['{ "var": "request.method" }', '{ "var": ¶"acount.kind" }']],
    code: 'unmet-read',
    message: 'node "choose" reads "acount.kind", which nothing before it writes',
    remedy: 'let a filter that writes it come first, or give it a default',
  },
  {
    title: 'a read that one path does not write',
    changes: [
      ['"config": { "status": 404,', '"config": { "headers": { "For": { "var": ¶"account.id" } },'],
    ],
    code: 'unmet-read',
    message:
      'node "refuse" reads "account.id", which the path find (failure) → refuse does not write',
    remedy: 'write it on that path too, or give it a default: { "var": ["account.id", …] }',
  },
  {
    title: 'an optional write that is read as certain',
    changes: [['{ "var": "request.method" }', '{ "var": ¶"account.owner.name" }']],
    code: 'unmet-read',
    message:
      'node "choose" reads "account.owner.name", which is only perhaps written, by node "find"',
    remedy: 'give it a default: { "var": ["account.owner.name", …] }',
  },
  {
    title: 'a refusal that is read where a filter may have failed without one',
    changes: [['{ "var": ["error.code", "none"] }', '{ "var": ¶"error.code" }']],
    code: 'unmet-read',
    message: 'which the path find (success) → choose (*) → refuse does not write',
    remedy: 'give it a default',
  },
  {
    title: 'a fault path that reads what may not have been written',
    changes: [['{ "var": "fault.node" }', '{ "var": ¶"account.id" }']],
    code: 'unmet-read',
    message: 'which the path (fault) → apologise does not write',
    remedy: 'give it a default',
  },
  {
    title: 'a read of a filter before its write',
    changes: [
      [
        '"GET": "enrich", "*": "refuse" }\n    },',
        '"GET": "enrich", "*": "early" }\n    },\n    "early": { "filter": ¶"demo/set", "config": { "reads": ["late"] }, "on": { "success": "refuse", "failure": "refuse" } },',
      ],
    ],
    code: 'unmet-read',
    message: 'node "early" reads "late", which nothing before it writes',
    remedy: 'let a filter that writes it come first',
  },
  {
    title: 'an unmet read through another policy',
    changes: [
      ['"success": "choose", "failure": "refuse"', '"success": "choose", "failure": "choose"'],
      ['"filter": "demo/show"', '"filter": "demo/respond"'],
      ['"policy": "enrich"', '"policy": ¶"enrich"'],
    ],
    code: 'unmet-read',
    message:
      'node "enrich" reads "account" (in node "read" of policy "enrich"), which the path find (failure) → choose (GET) → enrich does not write',
    remedy: 'write it on that path too',
  },
  {
    title: 'a path that writes no response',
    changes: [['"GET": "enrich"', '"GET": "enrich", "PUT": ¶"@success"']],
    code: 'no-response',
    message: 'the path find (success) → choose (PUT) → @success writes no response',
    remedy: 'put a filter that responds',
  },
  {
    title: 'a path that only perhaps writes a response',
    changes: [
      ['"GET": "enrich"', '"GET": "enrich", "PUT": "perhaps"'],
      [
        '"apologise": {',
        '"perhaps": { "filter": "demo/set", "config": { "perhaps": ["response"] }, "on": { "success": ¶"@success", "failure": "refuse" } },\n    "apologise": {',
      ],
    ],
    code: 'no-response',
    message:
      'the path find (success) → choose (PUT) → perhaps (success) → @success only perhaps writes a response, in node "perhaps"',
    remedy: 'put a filter that responds',
  },
]

function plant({ changes }: Mistake): string {
  return changes.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`once in the clean policy: ${from}`)
    return text.replace(from, () => to)
  }, CLEAN)
}

describe('Lint', () => {
  it('finds nothing in a clean policy, and hands it on complete', () => {
    const { findings, policies } = lint({ show: CLEAN, enrich: ENRICH }, ['show'])
    expect(findings).to.deep.equal([])
    const policy = policies.get('show')
    expect([...policies.keys()]).to.have.members(['show', 'enrich'])
    expect(policy).to.include({ service: 'show', start: 'find', timeLimit: 10_000 })
    expect(policy?.nodes.get('find')?.config).to.deep.equal({
      table: 'Accounts',
      limit: 1,
      order: 'newest',
    })
    expect(policy?.nodes.get('find')?.config).to.be.frozen
    expect(policy?.nodes.get('refuse')?.on).to.deep.equal({ success: '@failure' })
  })

  for (const mistake of mistakes) {
    it(`points at ${mistake.title}, and at nothing else`, () => {
      const { text, place } = takeMark('show.json', plant(mistake))
      const { findings, policies } = lint({ show: text, enrich: ENRICH }, ['show'])
      expect(findings.map((finding) => `${placeOf(finding)} ${finding.code}`)).to.deep.equal([
        `${place} ${mistake.code}`,
      ])
      expect(findings[0]?.message).to.include(mistake.message)
      expect(findings[0]?.remedy).to.include(mistake.remedy)
      expect(policies.has('show')).to.equal(false)
    })
  }

  it('has a mistake planted for every code of its table', () => {
    const ofFilters = ['bad-filter', 'bad-example', 'duplicate-filter']
    const planted = new Set([...mistakes.map(({ code }) => code), ...ofFilters])
    expect([...planted]).to.include.members(Object.keys(LINT_CODES))
  })

  it('reports all independent mistakes at once, in the order of the text', () => {
    const text = CLEAN.replace('"demo/find"', '"demo/fnd"')
      .replace('"main"', '"mian"')
      .replace('"status": 404', '"status": "404"')
      .replace('"@success"', '"@done"')
      .replace('"GET": "enrich", ', '"GET": "enrich" ,"GE*": "find", ')
    const { findings } = lint({ show: text, a: '[]', enrich: ENRICH }, ['show'])
    expect(findings.map((finding) => `${placeOf(finding)} ${finding.code}`)).to.deep.equal([
      'a.json:1:1 bad-policy',
      'show.json:8:17 unknown-filter',
      'show.json:15:32 unknown-edge',
      'show.json:15:39 cycle',
      'show.json:19:48 unknown-store',
      'show.json:22:57 unknown-target',
      'show.json:25:29 bad-config',
    ])
  })

  it('goes on after a node of the wrong shape', () => {
    const text = CLEAN.replace('"show": {', '"show": [], "more": {').replace('"main"', '"mian"')
    const { findings } = lint({ show: text, enrich: ENRICH }, ['show'])
    expect(findings.map(({ code }) => code)).to.deep.equal(['unknown-store', 'bad-policy'])
  })

  it('does not judge a policy by one that it runs and that is broken', () => {
    const broken = ENRICH.replace('"demo/set"', '"demo/sett"')
    const { findings, policies } = lint({ show: CLEAN, enrich: broken }, ['show'])
    expect(findings.map(placeOf)).to.deep.equal(['enrich.json:6:17'])
    expect([...policies.keys()]).to.deep.equal([])
  })

  it('finds a circle of policies once, wherever it is entered', () => {
    const calls = (policy: string) => ({
      description: 'Run another',
      start: 'run',
      nodes: {
        run: {
          filter: 'demo/run',
          config: { policy },
          on: { success: '@success', failure: '@failure' },
        },
      },
    })
    const { findings } = lint({ a: calls('b'), b: calls('c'), c: calls('b') }, [])
    expect(findings.map(({ file, message }) => `${file} ${message}`)).to.deep.equal([
      'c.json policy "b" would run itself: b → c → b',
    ])
  })

  it('does not ask an unrouted policy for a response, nor for what its callers write', () => {
    expect(lint({ enrich: ENRICH }, []).findings).to.deep.equal([])
    expect(lint({ enrich: ENRICH }, ['enrich']).findings.map(({ code }) => code)).to.deep.equal([
      'unmet-read',
      'no-response',
      'no-response',
    ])
  })
})
