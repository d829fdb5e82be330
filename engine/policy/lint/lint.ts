import type { Finding } from '../finding.ts'
import type { FilterLibrary } from '../library.ts'
import type { CheckedPolicy, PolicySource } from '../policy.ts'
import { type Draft, draftPolicy } from './draft.ts'
import { lintDataFlow } from './lint-data-flow.ts'
import { lintGraph } from './lint-graph.ts'
import { lintNodes, type NodeDraft } from './lint-node.ts'
import { orderByCalls } from './lint-policy-calls.ts'
import { type KnownNames, type Links, lintSettings } from './lint-settings.ts'
import type { PolicyFlow } from './policy-flow.ts'
import type { PolicyFile } from './policy-schema.ts'

/** What policies are held against. */
export interface LintContext {
  readonly library: FilterLibrary
  /** Names by what `refersTo` says; those of policies are known from the sources. */
  readonly known: KnownNames
  /** The policies that a route leads to. */
  readonly routed: ReadonlySet<string>
}

export interface LintResult {
  /** By file and place. */
  readonly findings: readonly Finding[]
  /** The policies without findings that run only such. */
  readonly policies: ReadonlyMap<string, CheckedPolicy>
}

/** A policy whose nodes have been looked at. */
interface Candidate {
  readonly draft: Draft
  readonly nodes: readonly NodeDraft[]
  readonly links: ReadonlyMap<string, Links>
}

/** Holds policies against filters, names and each other, and reports all that is wrong at once. */
export function lintPolicies(sources: readonly PolicySource[], context: LintContext): LintResult {
  const known = { ...context.known, policy: new Set(sources.map(({ name }) => name)) }
  const candidates = new Map(
    sources.map((source) => [source.name, lintPolicy(source, context.library, known)]),
  )
  const order = lintAcrossPolicies(candidates, context.routed)
  const findings = [...candidates.values()].flatMap(({ draft }) => draft.findings)
  return { findings: findings.sort(byPlace), policies: cleanPolicies(candidates, order) }
}

function lintPolicy(source: PolicySource, library: FilterLibrary, known: KnownNames): Candidate {
  const draft = draftPolicy(source)
  const nodes = lintNodes(draft, library)
  const links = new Map(nodes.map((node) => [node.name, lintSettings(draft, node, known)]))
  lintGraph(draft)
  return { draft, nodes, links }
}

/** Data flow, each policy after those that it runs. Where something else is wrong it would only add noise. */
function lintAcrossPolicies(
  candidates: ReadonlyMap<string, Candidate>,
  routed: ReadonlySet<string>,
): readonly string[] {
  const flows = new Map<string, PolicyFlow>()
  const order = orderByCalls(
    new Map(
      [...candidates].map(([name, { draft, links }]) => [name, { draft, calls: callsIn(links) }]),
    ),
  )
  for (const name of order) {
    const candidate = candidates.get(name)
    if (!candidate || candidate.draft.findings.length > 0) continue
    const nodes = linkNodes(candidate, flows)
    if (nodes) flows.set(name, lintDataFlow(candidate.draft, nodes, routed.has(name)))
  }
  return order
}

function callsIn(links: ReadonlyMap<string, Links>): Links['policies'] {
  return [...links.values()].flatMap(({ policies }) => policies)
}

/** `undefined` where a policy that one of them runs cannot be judged. */
function linkNodes({ nodes, links }: Candidate, flows: ReadonlyMap<string, PolicyFlow>) {
  const linked = nodes.map((node) => {
    const own = links.get(node.name) ?? { policies: [], reads: [] }
    const runs = own.policies.flatMap(({ name, pointer }) => {
      const flow = flows.get(name)
      return flow ? [{ name, pointer, flow }] : []
    })
    return { node, links: own, runs }
  })
  const complete = linked.every(({ runs, links: own }) => runs.length === own.policies.length)
  return complete ? linked : undefined
}

function cleanPolicies(
  candidates: ReadonlyMap<string, Candidate>,
  order: readonly string[],
): ReadonlyMap<string, CheckedPolicy> {
  const clean = new Map<string, CheckedPolicy>()
  for (const name of order) {
    const candidate = candidates.get(name)
    if (!candidate || candidate.draft.findings.length > 0) continue
    if (callsIn(candidate.links).every((call) => clean.has(call.name))) {
      clean.set(name, checkedPolicy(candidate))
    }
  }
  return clean
}

function checkedPolicy({ draft, nodes }: Candidate): CheckedPolicy {
  const { description, service, start, fault, timeLimit } = draft.policy as PolicyFile
  return Object.freeze({
    name: draft.name,
    file: draft.text.file,
    description,
    service: service ?? draft.name,
    start,
    ...(fault === undefined ? {} : { fault }),
    timeLimit,
    nodes: new Map(
      nodes.map(({ name, filter, config, on }) => [
        name,
        Object.freeze({ name, filter, config, on }),
      ]),
    ),
  })
}

function byPlace(left: Finding, right: Finding): number {
  return compare(left.file, right.file) || left.line - right.line || left.column - right.column
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
