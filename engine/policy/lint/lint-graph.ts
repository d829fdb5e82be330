import { pointTo } from '../pointer.ts'
import { ENDS } from '../policy.ts'
import { didYouMean } from '../suggestion.ts'
import { type Draft, report } from './draft.ts'

/** Follows the edges: each leads somewhere, every node is reached, and none is reached from itself. */
export function lintGraph(draft: Draft): void {
  const whole = lintTargets(draft) && draft.sound && !hasBrokenEdges(draft)
  const reached = findCycles(draft)
  if (!whole) return
  for (const name of draft.nodes.keys()) {
    if (!reached.has(name)) reportUnreachable(draft, name)
  }
}

/** Where edges are missing, nobody knows which nodes they were meant to reach. */
function hasBrokenEdges({ findings }: Draft): boolean {
  return findings.some(({ code }) => code === 'missing-edge' || code === 'unknown-edge')
}

function lintTargets(draft: Draft): boolean {
  const { start, fault, nodes = {} } = draft.policy
  const names = typeof nodes === 'object' ? Object.keys(nodes) : []
  const targets = [...names, ...ENDS]
  const wrong: [pointer: string, what: string, target: string, known: readonly string[]][] = []
  if (typeof start === 'string' && !names.includes(start)) {
    wrong.push(['/start', '"start"', start, names])
  }
  if (typeof fault === 'string' && !names.includes(fault)) {
    wrong.push(['/fault', '"fault"', fault, names])
  }
  for (const [name, { on }] of draft.nodes) {
    for (const [outcome, target] of Object.entries(on)) {
      if (targets.includes(target)) continue
      const pointer = pointTo('/nodes', name, 'on', outcome)
      wrong.push([pointer, `the edge "${outcome}" of node "${name}"`, target, targets])
    }
  }
  for (const [pointer, what, target, known] of wrong) {
    report(draft, 'unknown-target', {
      pointer,
      message: `${what} leads to "${target}", which is no node of this policy`,
      remedy: didYouMean(target, known, 'name a node that is there, or add one of that name'),
    })
  }
  return wrong.length === 0
}

/** Reports every edge that leads back, and gives the nodes that can be reached. */
function findCycles(draft: Draft): ReadonlySet<string> {
  const seen = new Set<string>()

  function follow(name: string, path: readonly string[]): void {
    seen.add(name)
    const here = [...path, name]
    for (const [outcome, target] of Object.entries(draft.nodes.get(name)?.on ?? {})) {
      if (here.includes(target)) reportCycle(draft, here, outcome, target)
      else if (draft.nodes.has(target) && !seen.has(target)) follow(target, here)
    }
  }

  function followAll(names: Iterable<string | undefined>): void {
    for (const name of names) {
      if (name !== undefined && draft.nodes.has(name) && !seen.has(name)) follow(name, [])
    }
  }

  followAll([draft.policy.start, draft.policy.fault])
  const reached = new Set(seen)
  followAll(draft.nodes.keys())
  return reached
}

function reportCycle(draft: Draft, path: readonly string[], outcome: string, target: string): void {
  const from = path.at(-1) ?? ''
  const circle = [...path.slice(path.indexOf(target)), target].join(' → ')
  report(draft, 'cycle', {
    pointer: pointTo('/nodes', from, 'on', outcome),
    message: `the edge "${outcome}" of node "${from}" closes a circle: ${circle}`,
    remedy: 'lead it onwards, or to @failure',
  })
}

function reportUnreachable(draft: Draft, name: string): void {
  report(draft, 'unreachable-node', {
    pointer: pointTo('/nodes', name),
    atKey: true,
    message: `no path leads to node "${name}"`,
    remedy: 'lead an edge to it, or remove it',
  })
}
