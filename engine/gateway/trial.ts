import { memoryKeyRing } from '../kps/key-ring.ts'
import {
  type PolicyTestFile,
  runPolicyTest,
  type TestReport,
} from '../policy/testing/policy-test.ts'
import type { CheckedGateway } from './check.ts'
import { silentLog } from './log.ts'
import { type OpenServices, openServices } from './open.ts'

/** What the administrator's password is in every trial: `admin:admin-secret`. */
const TRIAL_CREDENTIALS = { admin: 'admin-secret' } as const

/** Opens a set-up on fresh stores in memory, which hold what is given: for tests and traces, which change nothing. */
export async function openTrial(
  checked: CheckedGateway,
  given: readonly Readonly<Record<string, unknown>>[] = [],
): Promise<OpenServices> {
  const services = await openServices(checked, {
    log: silentLog,
    keys: memoryKeyRing(),
    credentials: TRIAL_CREDENTIALS,
    stores: 'memory',
  })
  for (const records of given) await services.load(records)
  return services
}

/** Runs the tests of a policy of the set-up. */
export function tryPolicy(
  checked: CheckedGateway,
  policy: string,
  test: PolicyTestFile,
): Promise<TestReport> {
  return runPolicyTest(test, async (given) => {
    const { programs, confidential, repeatable, close } = await openTrial(checked, given)
    const program = programs.get(policy)
    if (!program) throw new Error(`${test.file} tests the policy ${policy}, which there is not`)
    return { program, confidential, repeatable, close }
  })
}
