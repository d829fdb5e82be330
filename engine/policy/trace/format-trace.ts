import type { Trace, TraceStep } from './trace.ts'

/** Characters of a value that a line shows. */
const WIDTH = 160

/**
 * A trace for a terminal, a node a paragraph:
 *
 *     POST /greeting through demo/greet
 *       find-name  demo/find-name  success  0.412 ms
 *         name = "John"
 *     @success 200 after 1.702 ms
 */
export function formatTrace(trace: Trace): string {
  const { method, path } = trace.request as { method: string; path: string }
  const { status } = trace.response as { status: number }
  const names = widest(trace.steps.map(({ node }) => node))
  const filters = widest(trace.steps.map(({ filter }) => filter))
  return [
    `${method} ${path} through ${trace.policy}`,
    ...trace.steps.flatMap((step) => formatStep(step, names, filters)),
    `@${trace.end} ${status} after ${formatTime(trace.milliseconds)}`,
  ].join('\n')
}

function formatStep(step: TraceStep, names: number, filters: number): readonly string[] {
  const { node, filter, outcome, milliseconds, wrote, refusal, fault } = step
  const columns = [node.padEnd(names), filter.padEnd(filters), outcome, formatTime(milliseconds)]
  const attributes = Object.entries(wrote).filter(([name]) => name !== 'error' || !refusal)
  return [
    `  ${columns.join('  ')}`,
    ...attributes.map(([name, value]) => `    ${name} = ${show(value)}`),
    ...(refusal === undefined ? [] : [`    refused: ${show(refusal)}`]),
    ...(fault === undefined ? [] : [`    fault: ${show(fault)}`]),
  ]
}

function formatTime(milliseconds: number): string {
  return `${milliseconds.toFixed(3)} ms`
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH)}…`
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length))
}
