import type { CheckedPolicy } from '../policy.ts'
import { faultPath } from '../run/compile.ts'

/** How often an edge was walked is of no interest, only how: for real, or from a mocked node. */
export type How = 'really' | 'by-mock' | 'by-outage'

/** An edge that a test walked. */
export interface WalkedEdge {
  readonly policy: string
  /** Its node in that policy; `*` for the edge that leads from any node to the fault node. */
  readonly node: string
  readonly outcome: string
  readonly how: How
}

/** An edge of a policy as `node:outcome`; `*:fault` leads from any node to the fault node. */
export type Edge = string

export interface Coverage {
  readonly policy: string
  /** Walked from a node that ran for real. */
  readonly walked: readonly Edge[]
  /** Only an outage brings these about; they were walked from a mocked node. */
  readonly byOutage: readonly Edge[]
  readonly unwalked: readonly Edge[]
}

/** Which edges of a policy the walks of its tests, or of all tests, have covered. */
export function coverEdges(policy: CheckedPolicy, walks: readonly WalkedEdge[]): Coverage {
  const unanswered = faultPath(policy)
  const own = walks
    .filter((walk) => walk.policy === policy.name)
    .filter(({ node, outcome }) => outcome !== 'fault' || !unanswered.has(node))
  const really = edgesWalked(own, 'really')
  const outage = edgesWalked(own, 'by-outage')
  const edges = edgesOf(policy)
  return {
    policy: policy.name,
    walked: edges.filter((edge) => really.has(edge)),
    byOutage: edges.filter((edge) => !really.has(edge) && outage.has(edge)),
    unwalked: edges.filter((edge) => !really.has(edge) && !outage.has(edge)),
  }
}

function edgesOf({ nodes, fault }: CheckedPolicy): readonly Edge[] {
  const edges = [...nodes.values()].flatMap(({ name, on }) =>
    Object.keys(on).map((outcome) => `${name}:${outcome}`),
  )
  return fault === undefined ? edges : [...edges, '*:fault']
}

function edgesWalked(walks: readonly WalkedEdge[], how: How): ReadonlySet<Edge> {
  const walked = walks.filter((walk) => walk.how === how)
  return new Set(
    walked.map(({ node, outcome }) => `${outcome === 'fault' ? '*' : node}:${outcome}`),
  )
}
