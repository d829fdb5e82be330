import { pointTo } from '../pointer.ts'
import { didYouMean } from '../suggestion.ts'
import type { Arrival, Flow } from './data-flow.ts'
import { type Draft, report } from './draft.ts'
import { analysePolicy, type LinkedNode, type PolicyFlow, type UnmetNeed } from './policy-flow.ts'

/**
 * Finds the reads that may come before their write. They are faults of a routed policy only; of
 * another they are what its callers must have written.
 */
export function lintDataFlow(
  draft: Draft,
  nodes: readonly LinkedNode[],
  routed: boolean,
): PolicyFlow {
  const { start = '', fault } = draft.policy
  const { flow, known, unmet, seenFromOutside } = analysePolicy(start, fault, nodes)
  if (routed) {
    for (const [node, needs] of unmet) {
      for (const need of needs) reportUnmet(draft, flow, node, need, known)
    }
    reportMissingResponses(draft, flow)
  }
  return seenFromOutside
}

function reportUnmet(
  draft: Draft,
  flow: Flow,
  node: string,
  need: UnmetNeed,
  known: ReadonlySet<string>,
): void {
  const [why, remedy] = explain(flow, node, need, known)
  const within =
    need.policy === undefined ? '' : ` (in node "${need.node}" of policy "${need.policy}")`
  report(draft, 'unmet-read', {
    pointer: need.pointer,
    message: `node "${node}" reads "${need.name}"${within}, which ${why}`,
    remedy,
  })
}

function explain(
  flow: Flow,
  node: string,
  { name, isPath, attribute, state }: UnmetNeed,
  known: ReadonlySet<string>,
): readonly [why: string, remedy: string] {
  const fallback = isPath ? `, or give it a default: { "var": ["${name}", …] }` : ''
  const writer = state.some.get(attribute)
  if (writer === undefined) {
    const remedy = didYouMean(attribute, known, `let a filter that writes it come first${fallback}`)
    return ['nothing before it writes', remedy]
  }
  if (state.touched.has(attribute)) {
    const remedy = `let a filter that writes it for certain come first${fallback}`
    return [`is only perhaps written, by node "${writer}"`, remedy]
  }
  const arrival = flow.arrivals(node).find((way) => !way.state.touched.has(attribute))
  const path = arrival ? describePath(flow, attribute, arrival, node) : node
  return [`the path ${path} does not write`, `write it on that path too${fallback}`]
}

function describePath(flow: Flow, attribute: string, arrival: Arrival, last: string): string {
  const steps = flow.pathWithout(attribute, arrival).flatMap(({ by }) => {
    if (by === 'start') return []
    return by === 'fault' ? ['(fault)'] : [`${by.from} (${by.outcome})`]
  })
  return [...steps, last].join(' → ')
}

function reportMissingResponses(draft: Draft, flow: Flow): void {
  for (const { edge, end, state } of flow.ends) {
    if (state.certain.has('response')) continue
    const path = describePath(flow, 'response', { by: edge, state }, end)
    const writer = state.touched.has('response') ? state.some.get('response') : undefined
    report(draft, 'no-response', {
      pointer: pointTo('/nodes', edge.from, 'on', edge.outcome),
      message: writer
        ? `the path ${path} only perhaps writes a response, in node "${writer}"`
        : `the path ${path} writes no response`,
      remedy: 'put a filter that responds before the end',
    })
  }
}
