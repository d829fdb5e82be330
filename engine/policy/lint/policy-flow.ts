import { pointTo } from '../pointer.ts'
import { ENDS } from '../policy.ts'
import {
  type Flow,
  type FlowEdge,
  followWrites,
  intersect,
  namesIn,
  type State,
  type Writes,
} from './data-flow.ts'
import type { NodeDraft } from './lint-node.ts'
import type { Links } from './lint-settings.ts'

/** Something that a policy reads and does not itself write on every path before. */
export interface Need {
  /** As written. */
  readonly name: string
  /** It is the path of an expression: an attribute, or something inside of one. */
  readonly isPath: boolean
  /** The node that reads it. */
  readonly node: string
  /** The policy in which that node is; absent for the policy at hand. */
  readonly policy?: string
}

/** What a policy looks like from a node that runs it. */
export interface PolicyFlow {
  readonly needs: readonly Need[]
  /** By end; absent for an end that no path leads to. */
  readonly writes: Readonly<Partial<Record<string, Writes>>>
}

/** A node with all that its data flow depends on. */
export interface LinkedNode {
  readonly node: NodeDraft
  readonly links: Links
  /** The policies that it runs. */
  readonly runs: readonly {
    readonly name: string
    readonly pointer: string
    readonly flow: PolicyFlow
  }[]
}

type PlacedNeed = Need & { readonly pointer: string }

/** Attributes that the engine itself writes. */
const ENGINE_ATTRIBUTES = ['request', 'response', 'error', 'fault']

/** A need that is not met, and the attribute that it comes down to. */
export interface UnmetNeed extends PlacedNeed {
  readonly attribute: string
  /** What is known where it is read. */
  readonly state: State
}

/** The data flow of one policy. */
export interface PolicyAnalysis {
  readonly flow: Flow
  /** All attributes that the policy may write, and those of the engine. */
  readonly known: ReadonlySet<string>
  /** By node. */
  readonly unmet: ReadonlyMap<string, readonly UnmetNeed[]>
  readonly seenFromOutside: PolicyFlow
}

/** Follows what the nodes write and read, those of policies that they run included. */
export function analysePolicy(
  start: string,
  fault: string | undefined,
  nodes: readonly LinkedNode[],
): PolicyAnalysis {
  const edges = new Map(nodes.map((linked) => [linked.node.name, edgesOf(linked)]))
  const flow = followWrites({ start, fault, nodes: edges })
  const known = new Set([
    ...ENGINE_ATTRIBUTES,
    ...[...edges.values()].flat().flatMap(({ writes }) => namesIn(writes)),
  ])
  const unmet = new Map(
    nodes.map((linked) => [linked.node.name, unmetNeeds(linked, flow, known)] as const),
  )
  const needs = [...unmet.values()].flat()
  return { flow, known, unmet, seenFromOutside: { needs, writes: writesByEnd(flow) } }
}

/** A node that runs policies ends as they do: an edge for an end that none of them has is never taken. */
function edgesOf({ node, runs }: LinkedNode): readonly FlowEdge[] {
  return Object.entries(node.on).map(([outcome, to]) => {
    const own = declaredWrites(node, outcome)
    if (runs.length === 0) return { from: node.name, outcome, to, writes: own }
    const theirs = alternatives(runs.flatMap(({ flow }) => flow.writes[`@${outcome}`] ?? []))
    return { from: node.name, outcome, to, writes: theirs && join(own, theirs) }
  })
}

/** A refusal writes `error`; a filter may also end by the plain outcome. */
function declaredWrites(node: NodeDraft, outcome: string): Writes {
  const names = node.writes[outcome] ?? []
  const certain = new Set(names.filter((name) => !name.endsWith('?')))
  const perhaps = names.filter((name) => name.endsWith('?')).map((name) => name.slice(0, -1))
  if (outcome === 'failure' && !certain.has('error')) perhaps.push('error')
  return { certain, perhaps: new Set(perhaps) }
}

/** What is written when one of several ways was taken. */
function alternatives([first, ...others]: readonly Writes[]): Writes | undefined {
  if (first === undefined) return undefined
  return others.reduce((writes, other) => {
    const certain = intersect(writes.certain, other.certain)
    const all = [...namesIn(writes), ...namesIn(other)]
    return { certain, perhaps: new Set(all.filter((name) => !certain.has(name))) }
  }, first)
}

function join(left: Writes, right: Writes): Writes {
  return {
    certain: new Set([...left.certain, ...right.certain]),
    perhaps: new Set([...left.perhaps, ...right.perhaps]),
  }
}

/** Each name once a node: where it is first read. */
function unmetNeeds(
  linked: LinkedNode,
  flow: Flow,
  known: ReadonlySet<string>,
): readonly UnmetNeed[] {
  const state = flow.before(linked.node.name)
  if (state === undefined) return []
  const unmet = new Map<string, UnmetNeed>()
  for (const need of needsOf(linked)) {
    const attribute = need.isPath ? attributeOf(need.name, known) : need.name
    if (state.certain.has(attribute) || unmet.has(need.name)) continue
    unmet.set(need.name, { ...need, attribute, state })
  }
  return [...unmet.values()]
}

function needsOf({ node, links, runs }: LinkedNode): readonly PlacedNeed[] {
  const own = { node: node.name }
  const declared = node.reads.filter((name) => !name.endsWith('?'))
  return [
    ...declared.map((name) => ({
      ...own,
      name,
      isPath: false,
      pointer: pointTo('/nodes', node.name, 'filter'),
    })),
    ...links.reads
      .filter(({ optional }) => !optional)
      .map(({ name, pointer }) => ({ ...own, name, isPath: true, pointer })),
    ...runs.flatMap(({ name, pointer, flow }) =>
      flow.needs.map((need) => ({ policy: name, ...need, pointer })),
    ),
  ]
}

/** The longest attribute name that begins the path; the whole path if there is none. */
function attributeOf(path: string, known: ReadonlySet<string>): string {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    if (known.has(path.slice(0, end))) return path.slice(0, end)
  }
  return path
}

function writesByEnd(flow: Flow): PolicyFlow['writes'] {
  const states = (end: string) => flow.ends.filter((each) => each.end === end)
  return Object.fromEntries(
    ENDS.flatMap((end) => {
      const writes = alternatives(states(end).map(({ state }) => writesOf(state)))
      return writes ? [[end, writes]] : []
    }),
  )
}

/** What the policy itself has written: the request was there before. */
function writesOf({ certain, some }: State): Writes {
  const written = new Set([...certain].filter((name) => some.has(name)))
  return {
    certain: written,
    perhaps: new Set([...some.keys()].filter((name) => !certain.has(name))),
  }
}
