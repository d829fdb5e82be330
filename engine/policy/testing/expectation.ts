import type { HttpResponse } from '../message.ts'
import type { Run, Walked } from '../run/run.ts'
import { compare, type Difference, difference, isTextMatcher, show } from './compare.ts'
import type { TestCase } from './policy-test-file.ts'

/** In what a run is not as its test expects. */
export function checkExpectations(
  { expect, mocks = {} }: TestCase,
  run: Run,
): readonly Difference[] {
  const { headers = {}, body, path } = expect
  return [
    ...compare(expect.status, run.response.status, '/status'),
    ...Object.entries(headers).flatMap(([name, value]) =>
      compare(value, headerOf(run.response, name), `/headers/${name}`),
    ),
    ...(body === undefined ? [] : compareBody(body, run.response.body)),
    ...(path === undefined ? [] : comparePath(path, run.walked)),
    ...Object.keys(mocks).flatMap((node) => checkMockUsed(node, run.walked)),
  ]
}

function headerOf({ headers }: HttpResponse, name: string): string | undefined {
  return Object.entries(headers).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1]
}

function compareBody(expected: unknown, text: string): readonly Difference[] {
  if (typeof expected === 'string' || isTextMatcher(expected)) {
    return compare(expected, text, '/body')
  }
  try {
    return compare(expected, JSON.parse(text), '/body')
  } catch {
    return [difference('/body', `the JSON ${show(expected)}`, `the text ${show(text)}`)]
  }
}

/** A sub-policy counts as one node, unless the test looks into it. */
function comparePath(
  expected: readonly string[],
  walked: readonly Walked[],
): readonly Difference[] {
  const looksInside = expected.some((step) => step.includes('/'))
  const actual = walked
    .filter(({ node }) => looksInside || !node.includes('/'))
    .map(({ node, outcome }) => `${node}:${outcome}`)
  const same = actual.join(' ') === expected.join(' ')
  return same ? [] : [difference('/path', expected.join(' '), actual.join(' '))]
}

function checkMockUsed(node: string, walked: readonly Walked[]): readonly Difference[] {
  if (walked.some((step) => step.node === node)) return []
  return [difference(`/mocks/${node.replaceAll('/', '~1')}`, 'to be reached', 'never reached')]
}
