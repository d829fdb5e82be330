import type { Command } from 'commander'
import type { CheckedGateway } from '../engine/gateway/check.ts'
import type { Coverage } from '../engine/policy/testing/coverage.ts'
import type { TestReport } from '../engine/policy/testing/policy-test.ts'
import type { Cli } from './cli.ts'

interface Outcome {
  readonly reports: readonly TestReport[]
  /** Over all tests: what one test leaves out another may walk. */
  readonly coverage: readonly Coverage[]
}

/** `sallyport test` */
export function addTest(program: Command, cli: Cli): void {
  program
    .command('test [policies...]')
    .description('run the JSON tests beside the policies, each case on fresh stores in memory')
    .option('--every-edge', 'fail if an edge of a policy is walked by no test')
    .action(async (named: readonly string[], { everyEdge }: { everyEdge?: true }) => {
      const outcome = await runTests(cli, named)
      const { formatTestReport } = await import('../engine/policy/testing/format-test-report.ts')
      cli.output.result(outcome, ({ reports }) =>
        [...reports.map(formatTestReport), summarise(outcome)].join('\n\n'),
      )
      const failed = countFailed(outcome.reports)
      const unwalked = outcome.coverage.some((policy) => policy.unwalked.length > 0)
      if (failed > 0 || (everyEdge && unwalked)) process.exitCode = 1
    })
}

async function runTests(cli: Cli, named: readonly string[]): Promise<Outcome> {
  const { requireSetUp, findPolicy, readIfThere } = await import('./policies.ts')
  const { readPolicyTest } = await import('../engine/policy/testing/policy-test.ts')
  const { coverEdges } = await import('../engine/policy/testing/coverage.ts')
  const { tryPolicy } = await import('../engine/gateway/trial.ts')
  const checked = await requireSetUp(cli.settings)
  const names = named.length > 0 ? named.map((one) => findPolicy(checked, one)) : all(checked)
  const reports: TestReport[] = []
  for (const name of names) {
    const file = checked.policies.get(name)?.file.replace(/\.json$/, '.test.json') ?? ''
    const text = readIfThere(file)
    if (text === undefined) continue
    reports.push(await tryPolicy(checked, name, readPolicyTest(file, text)))
  }
  const walks = reports.flatMap((report) => report.walks)
  const policies = names.flatMap((name) => checked.policies.get(name) ?? [])
  return { reports, coverage: policies.map((policy) => coverEdges(policy, walks)) }
}

const all = ({ policies }: CheckedGateway) => [...policies.keys()]

function summarise({ reports, coverage }: Outcome): string {
  const cases = reports.reduce((sum, report) => sum + report.cases.length, 0)
  const failed = countFailed(reports)
  const unwalked = coverage.flatMap(({ policy, unwalked: edges }) =>
    edges.map((edge) => `  ${policy} ${edge}`),
  )
  return [
    `${cases - failed} passed, ${failed} failed`,
    unwalked.length === 0 ? 'every edge walked' : `edges that no test walks:`,
    ...unwalked,
  ].join('\n')
}

function countFailed(reports: readonly TestReport[]): number {
  const cases = reports.flatMap((report) => report.cases)
  return cases.filter(({ differences }) => differences.length > 0).length
}
