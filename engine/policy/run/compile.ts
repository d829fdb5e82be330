import { type AnyStateMachine, createMachine } from 'xstate'
import type { CheckedNode, CheckedPolicy } from '../policy.ts'

/** An XState machine: the one definition of what a policy means. */
export type Machine = AnyStateMachine

/** The event of a surprise, which every node may have. */
export const FAULT = 'fault'
/** The event of an exit that a switch does not name. */
const OTHERWISE = 'otherwise'
/** The ends of a machine. `@fault` is where nobody in the policy answers for a fault. */
export const FINAL_STATES = ['@success', '@failure', '@fault'] as const

/**
 * The machine of a policy: states are its nodes and the three ends, events are outcomes, faults
 * included. A node on the fault path answers for no fault, so that a policy stays acyclic.
 */
export function toMachine(policy: CheckedPolicy): Machine {
  const onFaultPath = faultPath(policy)
  const nodes = [...policy.nodes.values()].map((node) => [
    node.name,
    { on: toTransitions(node, onFaultPath.has(node.name) ? undefined : policy.fault) },
  ])
  const ends = FINAL_STATES.map((end) => [end, { type: 'final' }])
  return createMachine({
    id: policy.name,
    initial: policy.start,
    states: Object.fromEntries([...nodes, ...ends]),
  })
}

/** The event by which an outcome of the node, a key of its `on`, is known to the machine. */
export function eventOf(node: CheckedNode, outcome: string): string {
  if (node.filter.outcomes !== 'open') return outcome
  return outcome === '*' ? OTHERWISE : `= ${escapeWildcard(outcome)}`
}

function toTransitions(node: CheckedNode, fault: string | undefined): Record<string, string> {
  const edges = Object.entries(node.on).map(([outcome, target]) => {
    const event = eventOf(node, outcome)
    if (event === FAULT || event.endsWith('*')) throw reservedOutcome(node, outcome)
    return [event, target]
  })
  return Object.fromEntries([...edges, [FAULT, fault ?? '@fault']])
}

/** XState reads `.*` at the end of an event as "whatever follows"; an exit of a switch means itself. */
function escapeWildcard(exit: string): string {
  return exit.replaceAll('\\', '\\\\').replace(/\*$/, '\\x2a')
}

function reservedOutcome(node: CheckedNode, outcome: string): Error {
  const { name } = node.filter
  return new Error(`the filter ${name} may not call an outcome "${outcome}"; rename the outcome`)
}

/** The nodes that can be reached from the fault node, itself included. */
export function faultPath(policy: CheckedPolicy): ReadonlySet<string> {
  const reached = new Set<string>()
  const waiting = policy.fault === undefined ? [] : [policy.fault]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = policy.nodes.get(name)
    if (!node || reached.has(name)) continue
    reached.add(name)
    waiting.push(...Object.values(node.on))
  }
  return reached
}
