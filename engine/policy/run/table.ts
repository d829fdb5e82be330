import { FINAL_STATES, type Machine } from './compile.ts'

/**
 * The transitions of a machine as numbers. It is read from the machine alone, so that what runs
 * cannot mean anything else than what is drawn.
 */
export interface Table {
  /** Nodes first, then the ends. */
  readonly states: readonly string[]
  readonly events: readonly string[]
  /** Index of the state to begin with. */
  readonly start: number
  /** A row for each state, a column for each event: the index of the next state, or `NO_EDGE`. */
  readonly cells: Int32Array
}

/** Where a table leads when a state has no such event. */
export const NO_EDGE = -1

export function deriveTable(machine: Machine): Table {
  const states = [...nodeNames(machine), ...FINAL_STATES]
  const events = [...new Set(states.flatMap((name) => [...transitionsOf(machine, name).keys()]))]
  const cells = states.flatMap((name) => {
    const transitions = transitionsOf(machine, name)
    return events.map((event) => {
      const target = transitions.get(event)
      return target === undefined ? NO_EDGE : states.indexOf(target)
    })
  })
  const [start] = machine.root.initial.target ?? []
  return { states, events, start: states.indexOf(start?.key ?? ''), cells: Int32Array.from(cells) }
}

/** One step: a typed array and an addition, because it is made for every node of every request. */
export function nextState(table: Table, state: number, event: number): number {
  return table.cells[state * table.events.length + event] ?? NO_EDGE
}

function nodeNames(machine: Machine): string[] {
  return Object.keys(machine.states).filter((name) => machine.states[name]?.type !== 'final')
}

/** Event → name of the state that it leads to. */
function transitionsOf(machine: Machine, state: string): Map<string, string> {
  const transitions = machine.states[state]?.transitions ?? new Map()
  const edges = new Map<string, string>()
  for (const [event, [transition]] of transitions) {
    const [target] = transition?.target ?? []
    if (target) edges.set(event, target.key)
  }
  return edges
}
