import { formatTrace } from '../trace/format-trace.ts'
import type { CaseReport, TestReport } from './policy-test.ts'

/** A report for a terminal: each case on a line, and what failed with its difference and its way. */
export function formatTestReport(report: TestReport): string {
  const { file, cases, coverage } = report
  return [
    file,
    ...cases.flatMap((one) => formatCase(file, one)),
    ...listEdges('not walked', coverage.unwalked),
    ...listEdges('walked by a mocked outage only', coverage.byOutage),
  ].join('\n')
}

function formatCase(file: string, one: CaseReport): readonly string[] {
  const { name, line, column, differences, trace } = one
  if (differences.length === 0) return [`  ✓ ${name}`]
  return [
    `  ✗ ${name}`,
    `      ${file}:${line}:${column}`,
    ...differences.map(
      ({ place, expected, actual }) => `      ${place}: expected ${expected}, got ${actual}`,
    ),
    formatTrace(trace).replace(/^/gm, '      '),
  ]
}

function listEdges(title: string, edges: readonly string[]): readonly string[] {
  return edges.length === 0 ? [] : [`  ${title}: ${edges.join(', ')}`]
}
