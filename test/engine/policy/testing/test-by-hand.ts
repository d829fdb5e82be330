import { defineFilter } from '../../../../engine/policy/filter.ts'
import { refuse } from '../../../../engine/policy/refusal.ts'
import { reveal } from '../../../../engine/policy/secret.ts'
import {
  type Given,
  type OpenPolicy,
  readPolicyTest,
  runPolicyTest,
} from '../../../../engine/policy/testing/policy-test.ts'
import { type PolicyByHand, programOf, runPolicy } from '../run/by-hand.ts'

export const FILE = 'policies/demo.test.json'

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

export function policyOn(tokens: ReadonlySet<string>): PolicyByHand {
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

export const open: OpenPolicy = async (given) => ({
  program: programOf(policyOn(tokensOf(given))),
  confidential: new Set(['token']),
  repeatable: new Set(),
})

export const openParent: OpenPolicy = async (given) => ({
  program: programOf(PARENT, policyOn(tokensOf(given))),
  confidential: new Set(['token']),
  repeatable: new Set(),
})

function tokensOf(given: readonly Given[]): ReadonlySet<string> {
  return new Set(given.flatMap(({ tokens }) => tokens as string[]))
}

export interface Written {
  readonly token?: string
  readonly name?: string
  readonly given?: object
  readonly mocks?: object
  readonly expect: object
}

export function testOf(...cases: readonly Written[]) {
  const written = cases.map(({ token = 'known-token', name = 'a case', ...rest }) => ({
    name,
    request: { method: 'POST', path: '/demo', form: { token } },
    ...rest,
  }))
  const text = JSON.stringify({ given: { tokens: ['known-token'] }, cases: written }, null, 2)
  return readPolicyTest(FILE, text)
}

export async function differencesOf(written: Written, opened = open) {
  const { cases } = await runPolicyTest(testOf(written), opened)
  return cases[0]?.differences.map(
    ({ place, expected, actual }) => `${place}: ${expected} / ${actual}`,
  )
}

export const SUCCESS = { status: 200, path: ['find:success', 'done:success'] }
