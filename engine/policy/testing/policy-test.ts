import type { ParameterRules } from '../../http/parameters.ts'
import { FindingsError, type Place } from '../finding.ts'
import { pointTo } from '../pointer.ts'
import { type Program, type Run, runProgram } from '../run/run.ts'
import { RunTracer, type Trace } from '../trace/trace.ts'
import type { Difference } from './compare.ts'
import { type Coverage, coverEdges, type WalkedEdge } from './coverage.ts'
import { checkExpectations } from './expectation.ts'
import { checkMocks, mockSteps } from './mock.ts'
import type { Given, PolicyTestFile, TestCase } from './policy-test-file.ts'
import { buildRequest } from './test-request.ts'

export { type Given, type PolicyTestFile, readPolicyTest } from './policy-test-file.ts'

/** The policy under test on stores of its own. */
export interface OpenedPolicy extends ParameterRules {
  readonly program: Program
  close?(): Promise<void>
}

/** Opens the policy on fresh stores that hold what is given, one after the other. */
export type OpenPolicy = (given: readonly Given[]) => Promise<OpenedPolicy>

export interface CaseReport extends Place {
  readonly name: string
  /** Empty when the case holds. Secrets are masked. */
  readonly differences: readonly Difference[]
  readonly trace: Trace
}

export interface TestReport {
  readonly file: string
  readonly policy: string
  readonly cases: readonly CaseReport[]
  /** Every edge that was walked, of sub-policies too. */
  readonly walks: readonly WalkedEdge[]
  readonly coverage: Coverage
}

/**
 * Runs the tests of a policy, each case on fresh stores.
 *
 * @throws FindingsError when a test mocks what its policy has not
 */
export async function runPolicyTest(test: PolicyTestFile, open: OpenPolicy): Promise<TestReport> {
  const cases: CaseReport[] = []
  const walks: WalkedEdge[] = []
  let program: Program | undefined
  for (const [index, one] of test.cases.entries()) {
    const opened = await open([test.given, ...(one.given ? [one.given] : [])])
    try {
      if (!program) refuseBadMocks(test, opened.program)
      program = opened.program
      const { run, report } = await runCase(one, opened)
      const place = test.place(pointTo('/cases', index))
      cases.push({ ...place, name: one.name, ...report })
      walks.push(...walksOf(one, run))
    } finally {
      await opened.close?.()
    }
  }
  if (!program) throw new Error(`${test.file} has no case`)
  const { policy } = program
  const coverage = coverEdges(policy, walks)
  return { file: test.file, policy: policy.name, cases, walks, coverage }
}

function refuseBadMocks(test: PolicyTestFile, program: Program): void {
  const findings = checkMocks(test, program)
  if (findings.length > 0) throw new FindingsError(findings)
}

async function runCase(one: TestCase, opened: OpenedPolicy) {
  const { program } = opened
  const request = buildRequest(one.request, opened)
  const tracer = new RunTracer(program.policy.name, request)
  const run = await runProgram(program, request, { tracer, mocks: mockSteps(one) })
  const trace = tracer.report(run)
  const differences = checkExpectations(one, run).map(
    ({ actual, ...rest }): Difference => ({ ...rest, actual: tracer.mask.hideIn(actual) }),
  )
  return { run, report: { differences, trace } }
}

function walksOf({ mocks = {} }: TestCase, run: Run): readonly WalkedEdge[] {
  return run.walked.map(({ policy, node, outcome }) => {
    const mock = mocks[node]
    const byOutage = outcome === 'fault' || mock?.outage === true
    const how = !mock ? 'really' : byOutage ? 'by-outage' : 'by-mock'
    return { policy, node: node.slice(node.lastIndexOf('/') + 1), outcome, how }
  })
}
