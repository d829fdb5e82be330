import { AssertionError } from 'node:assert'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CheckedGateway } from './engine/gateway/check.ts'
import { tryPolicy } from './engine/gateway/trial.ts'
import { FindingsError } from './engine/policy/finding.ts'
import { formatTestReport } from './engine/policy/testing/format-test-report.ts'
import { readPolicyTest, type TestReport } from './engine/policy/testing/policy-test.ts'
import { checkSetUp, type SetUp } from './index.ts'

export {
  type FilterCase,
  type FilterResult,
  testFilter,
} from './engine/policy/testing/test-filter.ts'
export type { Adapter, Connection, ConnectOptions, StoreAdapter } from './engine/stores/contract.ts'
export {
  type StoreUnderTest,
  storeContract,
  type TestFramework,
} from './engine/stores/contract-suite.ts'
export type { TestReport }

/** The set-up that a policy belongs to. */
export interface PolicyTestOptions extends Omit<SetUp, 'env'> {
  /** What `${env.NAME}` in `gateway.json` sees; by default nothing. */
  readonly env?: SetUp['env']
}

/**
 * Runs the tests beside a policy, `<policy>.test.json`: each case on fresh stores in memory that hold
 * what it gives. The set-up must be one that a gateway would start with.
 *
 * @param file path of the policy, or of its tests
 * @returns what was tried, and which edges were walked
 * @throws AssertionError when a case fails, with its difference and the way that it took
 * @throws FindingsError when set-up, policy or tests have findings
 *
 * @example
 * it('greets', () => testPolicy('policies/hello.json', { config: 'gateway.json', env: process.env }))
 */
export async function testPolicy(file: string, options: PolicyTestOptions): Promise<TestReport> {
  const policyFile = file.replace(/\.test\.json$/, '.json')
  const testFile = policyFile.replace(/\.json$/, '.test.json')
  const checked = await checkSetUp({ env: {}, ...options })
  if (checked.findings.length > 0) throw new FindingsError(checked.findings)
  const test = readPolicyTest(testFile, await readFile(testFile, 'utf8'))
  const report = await tryPolicy(checked, nameOf(policyFile, checked), test)
  const failed = report.cases.filter(({ differences }) => differences.length > 0)
  if (failed.length > 0) {
    throw new AssertionError({ message: formatTestReport(report), stackStartFn: testPolicy })
  }
  return report
}

function nameOf(policyFile: string, { policies }: CheckedGateway): string {
  const found = [...policies.values()].find(({ file }) => resolve(file) === resolve(policyFile))
  if (found) return found.name
  const known = [...policies.values()].map(({ file }) => file).join(', ')
  throw new Error(`${policyFile} is no policy of the set-up, which has ${known}`)
}
