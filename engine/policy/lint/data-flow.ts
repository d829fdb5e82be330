import type { End } from '../policy.ts'

/** Attribute names: those that are written for certain, and those that may be written or not. */
export interface Writes {
  readonly certain: ReadonlySet<string>
  readonly perhaps: ReadonlySet<string>
}

export interface FlowEdge {
  readonly from: string
  readonly outcome: string
  /** A node or an end. */
  readonly to: string
  /** Absent: it is never taken. */
  readonly writes: Writes | undefined
}

/** An acyclic graph by what its edges write. */
export interface FlowGraph {
  readonly start: string
  readonly fault: string | undefined
  /** The edges that leave each node. */
  readonly nodes: ReadonlyMap<string, readonly FlowEdge[]>
}

/** What is known of the message at one point. */
export interface State {
  /** Written on every path to here. */
  readonly certain: ReadonlySet<string>
  /** Written, or perhaps written, on every path to here. */
  readonly touched: ReadonlySet<string>
  /** Written, or perhaps written, on some path to here, and the node that last was found to do so. */
  readonly some: ReadonlyMap<string, string>
}

/** One way into a node: along an edge, or from outside. */
export interface Arrival {
  readonly by: FlowEdge | 'start' | 'fault'
  readonly state: State
}

export interface Flow {
  /** The nodes that can be reached, each after all that lead to it. */
  readonly order: readonly string[]
  /** What is known before a node runs; `undefined` if it never does. */
  before(node: string): State | undefined
  /** What is known where edges end the policy. */
  readonly ends: readonly { readonly edge: FlowEdge; readonly end: End; readonly state: State }[]
  /** A path on which the attribute is not written, from where the policy is entered to that arrival. */
  pathWithout(name: string, arrival: Arrival): readonly Arrival[]
  /** The ways into a node. */
  arrivals(node: string): readonly Arrival[]
}

/**
 * Follows what is written along all paths at once. A surprise may happen anywhere, so on the fault
 * path only the request and the fault itself are certain, and all that the policy writes is possible.
 */
export function followWrites(graph: FlowGraph): Flow {
  const order = sortNodes(graph)
  const arrivals = new Map<string, Arrival[]>(order.map((name) => [name, []]))
  const before = new Map<string, State>()
  const ends: { edge: FlowEdge; end: End; state: State }[] = []

  enter('start', graph.start, ['request'], new Map())
  if (graph.fault !== undefined) {
    enter('fault', graph.fault, ['request', 'fault'], allWrites(graph))
  }
  for (const name of order) {
    const state = meet((arrivals.get(name) ?? []).map((arrival) => arrival.state))
    if (state === undefined) continue
    before.set(name, state)
    for (const edge of graph.nodes.get(name) ?? []) {
      if (edge.writes) arrive(edge, passAlong(state, edge.from, edge.writes))
    }
  }

  function enter(
    by: 'start' | 'fault',
    name: string,
    certain: readonly string[],
    some: ReadonlyMap<string, string>,
  ): void {
    const names = new Set(certain)
    arrivals.get(name)?.push({ by, state: { certain: names, touched: names, some } })
  }

  function arrive(edge: FlowEdge, state: State): void {
    if (isEnd(edge.to)) ends.push({ edge, end: edge.to, state })
    else arrivals.get(edge.to)?.push({ by: edge, state })
  }

  function pathWithout(name: string, arrival: Arrival): readonly Arrival[] {
    const path = [arrival]
    for (let { by } = arrival; typeof by === 'object'; ) {
      const previous = arrivalWithout(name, by.from)
      if (previous === undefined) break
      path.unshift(previous)
      by = previous.by
    }
    return path
  }

  function arrivalWithout(name: string, node: string): Arrival | undefined {
    const ways = arrivals.get(node) ?? []
    return (
      ways.find(({ state }) => !state.touched.has(name)) ??
      ways.find(({ state }) => !state.certain.has(name))
    )
  }

  return {
    order,
    before: (node) => before.get(node),
    ends,
    pathWithout,
    arrivals: (node) => arrivals.get(node) ?? [],
  }
}

function isEnd(target: string): target is End {
  return target.startsWith('@')
}

/** Each reachable node after all that lead to it. */
function sortNodes({ start, fault, nodes }: FlowGraph): readonly string[] {
  const seen = new Set<string>()
  const sorted: string[] = []

  function visit(name: string): void {
    const edges = nodes.get(name)
    if (edges === undefined || seen.has(name)) return
    seen.add(name)
    for (const { to } of edges) visit(to)
    sorted.unshift(name)
  }

  if (fault !== undefined) visit(fault)
  visit(start)
  return sorted
}

function allWrites({ nodes }: FlowGraph): ReadonlyMap<string, string> {
  const edges = [...nodes.values()].flat()
  return new Map(
    edges.flatMap(({ from, writes }) => namesIn(writes).map((name) => [name, from] as const)),
  )
}

function passAlong(state: State, from: string, writes: Writes): State {
  const written = namesIn(writes)
  return {
    certain: new Set([...state.certain, ...writes.certain]),
    touched: new Set([...state.touched, ...written]),
    some: new Map([...state.some, ...written.map((name) => [name, from] as const)]),
  }
}

function meet([first, ...others]: readonly State[]): State | undefined {
  if (first === undefined) return undefined
  return others.reduce(
    (state, other) => ({
      certain: intersect(state.certain, other.certain),
      touched: intersect(state.touched, other.touched),
      some: new Map([...state.some, ...other.some]),
    }),
    first,
  )
}

/** All names that may be written. */
export function namesIn(writes: Writes | undefined): readonly string[] {
  return writes ? [...writes.certain, ...writes.perhaps] : []
}

export function intersect(
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
): ReadonlySet<string> {
  return new Set([...left].filter((name) => right.has(name)))
}
