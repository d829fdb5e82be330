import {
  type Arrival,
  type Flow,
  type FlowEdge,
  followWrites,
  intersect,
  type State,
  type Writes,
} from './data-flow.ts'
import { type Draft, report } from './draft.ts'
import type { NodeDraft } from './lint-node.ts'
import type { Links } from './lint-settings.ts'
import { pointTo } from './pointer.ts'
import { ENDS, type End } from './policy.ts'
import { didYouMean } from './suggestion.ts'

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
  readonly writes: Readonly<Record<End, Writes>>
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

type Placed = Need & { readonly pointer: string }

const NOTHING: Writes = { certain: new Set(), perhaps: new Set() }

/** Attributes that the engine itself writes. */
const ENGINE_ATTRIBUTES = ['request', 'response', 'error', 'fault']

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
  const graph = {
    start,
    ...(fault === undefined ? {} : { fault }),
    nodes: new Map(nodes.map((linked) => [linked.node.name, edgesOf(linked)])),
  }
  const flow = followWrites(graph)
  const known = new Set([
    ...ENGINE_ATTRIBUTES,
    ...[...graph.nodes.values()]
      .flat()
      .flatMap(({ writes }) => [...writes.certain, ...writes.perhaps]),
  ])
  const needs = nodes.flatMap((linked) => {
    const unmet = unmetNeeds(linked, flow.before(linked.node.name), known)
    if (routed) for (const need of unmet) reportUnmet(draft, flow, linked, need, known)
    return unmet.map((need) => need.need)
  })
  if (routed) reportMissingResponses(draft, flow)
  return { needs, writes: writesByEnd(flow) }
}

function edgesOf({ node, runs }: LinkedNode): readonly FlowEdge[] {
  return Object.entries(node.on).map(([outcome, to]) => {
    const own = splitWrites(node.writes[outcome] ?? [], outcome)
    const others = runs.map(({ flow }) => flow.writes[`@${outcome}` as End] ?? NOTHING)
    return { from: node.name, outcome, to, writes: join(own, alternatives(others)) }
  })
}

/** A refusal writes `error`; a filter may also end by the plain outcome. */
function splitWrites(names: readonly string[], outcome: string): Writes {
  const certain = new Set(names.filter((name) => !name.endsWith('?')))
  const perhaps = names.filter((name) => name.endsWith('?')).map((name) => name.slice(0, -1))
  if (outcome === 'failure' && !certain.has('error')) perhaps.push('error')
  return { certain, perhaps: new Set(perhaps) }
}

/** What is written when one of several policies has run. */
function alternatives([first, ...others]: readonly Writes[]): Writes {
  if (first === undefined) return NOTHING
  return others.reduce((writes, other) => {
    const certain = intersect(writes.certain, other.certain)
    const all = [...writes.certain, ...writes.perhaps, ...other.certain, ...other.perhaps]
    return { certain, perhaps: new Set(all.filter((name) => !certain.has(name))) }
  }, first)
}

function join(left: Writes, right: Writes): Writes {
  return {
    certain: new Set([...left.certain, ...right.certain]),
    perhaps: new Set([...left.perhaps, ...right.perhaps]),
  }
}

interface Unmet {
  readonly need: Need
  /** The attribute that the need comes down to. */
  readonly attribute: string
  readonly pointer: string
}

function unmetNeeds(
  linked: LinkedNode,
  state: State,
  known: ReadonlySet<string>,
): readonly Unmet[] {
  const unmet = new Map<string, Unmet>()
  for (const { pointer, ...need } of needsOf(linked)) {
    const attribute = need.isPath ? attributeOf(need.name, known) : need.name
    if (state.certain.has(attribute) || unmet.has(need.name)) continue
    unmet.set(need.name, { need, attribute, pointer })
  }
  return [...unmet.values()]
}

function needsOf({ node, links, runs }: LinkedNode): readonly Placed[] {
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

function reportUnmet(
  draft: Draft,
  flow: Flow,
  { node }: LinkedNode,
  { need, attribute, pointer }: Unmet,
  known: ReadonlySet<string>,
): void {
  const state = flow.before(node.name)
  const [why, remedy] = explain(flow, node.name, state, need, attribute, known)
  const within =
    need.policy === undefined ? '' : ` (in node "${need.node}" of policy "${need.policy}")`
  report(draft, 'unmet-read', {
    pointer,
    message: `node "${node.name}" reads "${need.name}"${within}, which ${why}`,
    remedy,
  })
}

function explain(
  flow: Flow,
  node: string,
  state: State,
  need: Need,
  attribute: string,
  known: ReadonlySet<string>,
): readonly [why: string, remedy: string] {
  const fallback = need.isPath ? `, or give it a default: { "var": ["${need.name}", …] }` : ''
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
      remedy: 'put a filter that responds, such as http/respond, before the end',
    })
  }
}

function writesByEnd(flow: Flow): Readonly<Record<End, Writes>> {
  const [success, failure] = ENDS.map((end) => {
    const states = flow.ends.filter((each) => each.end === end).map((each) => each.state)
    return alternatives(states.map(writesOf))
  })
  return { '@success': success ?? NOTHING, '@failure': failure ?? NOTHING }
}

/** What the policy itself has written: the request was there before. */
function writesOf({ certain, some }: State): Writes {
  const written = new Set([...certain].filter((name) => some.has(name)))
  return {
    certain: written,
    perhaps: new Set([...some.keys()].filter((name) => !certain.has(name))),
  }
}
