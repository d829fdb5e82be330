import { DeadlineExceeded, Unavailable } from '../fault.ts'
import type { Step } from '../filter.ts'
import type { Finding } from '../finding.ts'
import { pointTo } from '../pointer.ts'
import { refuse } from '../refusal.ts'
import type { Program, ProgramNode } from '../run/program.ts'
import { didYouMean } from '../suggestion.ts'
import type { Mock, PolicyTestFile, TestCase } from './policy-test-file.ts'

/** The steps that stand in for the nodes which a case mocks. */
export function mockSteps({ mocks = {} }: TestCase): ReadonlyMap<string, Step> {
  return new Map(Object.entries(mocks).map(([node, mock]) => [node, stepOf(node, mock)]))
}

function stepOf(node: string, mock: Mock): Step {
  const { outcome = '', error, set = {}, response } = mock
  return function mocked(message) {
    if (mock.throw) throw surprise(node, mock.throw)
    for (const [name, value] of Object.entries(set)) message.set(name, value)
    if (response) {
      const { status, headers = {}, body = '' } = response
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      message.set('response', { status, headers, body: text })
    }
    return error ? refuse(error.code, error.description) : outcome
  }
}

function surprise(node: string, kind: 'unavailable' | 'deadline' | 'error'): Error {
  const text = `the test makes the node "${node}" fail`
  if (kind === 'unavailable') return new Unavailable(text)
  return kind === 'deadline' ? new DeadlineExceeded(text) : new Error(text)
}

/** The node at a place of the program, `check/find-client` in a sub-policy, and its policy's name. */
function findNode(program: Program, place: string): ProgramNode | undefined {
  const [name, ...rest] = place.split('/')
  const node = program.nodes.find((one) => one.name === name)
  if (rest.length === 0 || !node) return node
  const inner = node.runs.flatMap((policy) => program.programs.get(policy) ?? [])
  return inner.map((sub) => findNode(sub, rest.join('/'))).find((found) => found !== undefined)
}

/** What is wrong with the mocks of a test: they may do only what their node could. */
export function checkMocks(test: PolicyTestFile, program: Program): readonly Finding[] {
  return test.cases.flatMap(({ mocks = {} }, index) =>
    Object.entries(mocks).flatMap(([place, mock]) => {
      const pointer = pointTo('/cases', index, 'mocks', place)
      return problemsOf(place, mock, program).map(
        ([code, message, remedy]): Finding => ({
          file: test.file,
          ...test.place(pointer),
          code,
          message,
          remedy,
          pointer,
        }),
      )
    }),
  )
}

type Problem = readonly [code: string, message: string, remedy: string]

function problemsOf(place: string, mock: Mock, program: Program): readonly Problem[] {
  const node = findNode(program, place)
  if (!node) return [unknownNode(place, program)]
  const { outcome } = mock
  if ((outcome === undefined) === (mock.throw === undefined)) {
    return [bad('the mock has neither or both of "outcome" and "throw"', 'give it one of them')]
  }
  if (outcome === undefined) {
    const more = Object.keys(mock).filter((key) => key !== 'throw')
    return more.map((key) => bad(`a node that throws has no "${key}"`, 'remove it'))
  }
  const exits = [...node.events.keys()]
  if (!exits.includes(outcome)) {
    const remedy = didYouMean(outcome, exits, `choose one of ${exits.join(', ')}`)
    return [bad(`the node "${place}" has no outcome "${outcome}"`, remedy)]
  }
  if (mock.error && outcome !== 'failure') {
    return [bad('an "error" goes with the outcome failure only', 'remove it')]
  }
  return unwritten(node, mock, outcome)
}

/** Attributes that the filter would not write by that outcome; what a sub-policy writes is its own affair. */
function unwritten(node: ProgramNode, mock: Mock, outcome: string): readonly Problem[] {
  if (node.runs.length > 0) return []
  const { filter, config } = node.checked
  const written = (filter.writes(config)[outcome] ?? []).map((name) => name.replace(/\?$/, ''))
  const names = [...Object.keys(mock.set ?? {}), ...(mock.response ? ['response'] : [])]
  return names
    .filter((name) => !written.includes(name))
    .map((name) =>
      bad(
        `the filter ${filter.name} does not write "${name}" by ${outcome}`,
        didYouMean(name, written, 'remove it from the mock'),
      ),
    )
}

function unknownNode(place: string, program: Program): Problem {
  const known = program.nodes.map(({ name }) => name)
  const remedy = didYouMean(place, known, `the policy has ${known.join(', ')}`)
  return ['unknown-mock', `there is no node "${place}" to mock`, remedy]
}

function bad(message: string, remedy: string): Problem {
  return ['bad-mock', message, remedy]
}
