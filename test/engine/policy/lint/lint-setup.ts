import { defineFilter, type Filter } from '../../../../engine/policy/filter.ts'
import type { Finding } from '../../../../engine/policy/finding.ts'
import { filterLibrary } from '../../../../engine/policy/library.ts'
import { type LintResult, lintPolicies } from '../../../../engine/policy/lint/lint.ts'
import { refuse } from '../../../../engine/policy/refusal.ts'

const find = defineFilter({
  name: 'demo/find',
  summary: 'Finds an account.',
  config: {
    type: 'object',
    properties: {
      table: { type: 'string', refersTo: 'table', description: 'Where accounts are kept.' },
      limit: { type: 'integer', minimum: 1, maximum: 9, default: 1, description: 'How many.' },
      order: {
        type: 'string',
        enum: ['newest', 'oldest'],
        default: 'newest',
        description: 'Which.',
      },
    },
    required: ['table'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  writes: { success: ['account', 'account.owner?'] },
  example: { table: 'Accounts' },
  create: () => () => refuse('not_found', 'no such account'),
})

const show = defineFilter({
  name: 'demo/show',
  summary: 'Shows the account.',
  outcomes: ['success'],
  reads: ['account', 'hint?'],
  writes: { success: ['response'] },
  create: () => () => 'success',
})

const respond = defineFilter({
  name: 'demo/respond',
  summary: 'Responds.',
  config: {
    type: 'object',
    properties: {
      status: { type: 'integer', default: 200, description: 'The status.' },
      body: { $ref: 'expression', description: 'The body.' },
      headers: {
        type: 'object',
        additionalProperties: { $ref: 'expression' },
        default: {},
        description: 'The headers.',
      },
    },
    additionalProperties: false,
  },
  outcomes: ['success'],
  writes: { success: ['response'] },
  create: () => () => 'success',
})

const set = defineFilter({
  name: 'demo/set',
  summary: 'Sets attributes.',
  config: {
    type: 'object',
    properties: {
      names: { type: 'array', items: { type: 'string' }, default: [], description: 'Which.' },
      perhaps: { type: 'array', items: { type: 'string' }, default: [], description: 'Which.' },
      reads: { type: 'array', items: { type: 'string' }, default: [], description: 'Which.' },
    },
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ({ reads }) => reads,
  writes: ({ names, perhaps }) => ({
    success: [...names, ...perhaps.map((name) => `${name}?`)],
  }),
  create: () => () => 'success',
})

const choose = defineFilter({
  name: 'demo/switch',
  summary: 'Takes the edge of that name.',
  config: {
    type: 'object',
    properties: { on: { $ref: 'expression', description: 'What to look at.' } },
    required: ['on'],
    additionalProperties: false,
  },
  outcomes: 'open',
  example: { on: 'x' },
  create: () => () => '*',
})

const run = defineFilter({
  name: 'demo/run',
  summary: 'Runs another policy.',
  config: {
    type: 'object',
    properties: {
      policy: { type: 'string', refersTo: 'policy', description: 'Which.' },
      store: { type: 'string', refersTo: 'store', description: 'A store.' },
      coin: { type: 'string', refersTo: 'coinPurse', description: 'A kind of an extension.' },
    },
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  create: () => () => 'success',
})

export const DEMO_FILTERS: readonly Filter[] = [find, show, respond, set, choose, run]

/** A policy as a human writes it; `¶` marks where the finding is expected, and is taken out. */
export interface Marked {
  readonly text: string
  readonly place: string
}

export function takeMark(file: string, marked: string): Marked {
  const [before = '', ...after] = marked.split('¶')
  if (after.length !== 1) throw new Error(`one ¶ is needed in ${marked}`)
  const line = before.split('\n').length
  const column = before.length - before.lastIndexOf('\n')
  return { text: before + after.join(''), place: `${file}:${line}:${column}` }
}

export const placeOf = ({ file, line, column }: Finding) => `${file}:${line}:${column}`

/** Lints policies, by name; all are routed unless said otherwise. */
export function lint(
  policies: Readonly<Record<string, string | object>>,
  routed: readonly string[] = Object.keys(policies),
): LintResult {
  const sources = Object.entries(policies).map(([name, policy]) => ({
    name,
    file: `${name}.json`,
    text: typeof policy === 'string' ? policy : JSON.stringify(policy, undefined, 2),
  }))
  const { library } = filterLibrary(DEMO_FILTERS)
  const known = { table: new Set(['Accounts']), store: new Set(['main']) }
  return lintPolicies(sources, { library, known, routed: new Set(routed) })
}
