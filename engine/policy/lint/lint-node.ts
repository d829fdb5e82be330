import type { AttributeList, Filter } from '../filter.ts'
import type { FilterLibrary } from '../library.ts'
import { pointTo } from '../pointer.ts'
import { checkAgainst } from '../schema.ts'
import { didYouMean, listNames } from '../suggestion.ts'
import { type Draft, report } from './draft.ts'
import type { NodeFile } from './policy-schema.ts'

/** A node whose filter is known. */
export interface NodeDraft {
  readonly name: string
  readonly filter: Filter
  /** With defaults. */
  readonly config: unknown
  readonly on: Readonly<Record<string, string>>
  /** As declared for this config; empty if that does not fit. */
  readonly reads: AttributeList
  readonly writes: Readonly<Record<string, AttributeList | undefined>>
}

/** Looks the filter of every node up, and holds settings and edges against it. */
export function lintNodes(draft: Draft, library: FilterLibrary): readonly NodeDraft[] {
  return [...draft.nodes].flatMap(([name, node]) => {
    const filter = library.get(node.filter)
    if (!filter) {
      reportUnknownFilter(draft, name, node, library)
      return []
    }
    lintEdges(draft, name, node, filter)
    return [lintConfig(draft, name, node, filter)]
  })
}

function reportUnknownFilter(
  draft: Draft,
  name: string,
  node: NodeFile,
  library: FilterLibrary,
): void {
  report(draft, 'unknown-filter', {
    pointer: pointTo('/nodes', name, 'filter'),
    message: `node "${name}" names the unknown filter "${node.filter}"`,
    remedy: didYouMean(
      node.filter,
      library.keys(),
      'correct the name, or name its module in "filters" of gateway.json',
    ),
  })
}

function lintConfig(draft: Draft, name: string, node: NodeFile, filter: Filter): NodeDraft {
  const { value, problems } = checkAgainst(filter.config, node.config ?? {})
  for (const problem of problems) {
    report(draft, 'bad-config', {
      ...problem,
      pointer: pointTo('/nodes', name, 'config') + problem.pointer,
      message: `node "${name}" (${filter.name}): ${problem.message}`,
    })
  }
  const declared = problems.length === 0 ? declarations(draft, name, filter, value) : NOTHING
  return { name, filter, config: value, on: node.on, ...declared }
}

const NOTHING = { reads: [], writes: {} }

function declarations(draft: Draft, name: string, filter: Filter, config: unknown) {
  try {
    return { reads: filter.reads(config), writes: filter.writes(config) }
  } catch (cause) {
    report(draft, 'bad-filter', {
      pointer: pointTo('/nodes', name, 'filter'),
      message: `${filter.name} cannot tell what it reads and writes with these settings: ${cause}`,
      remedy: 'correct "reads" and "writes" of the filter',
    })
    return NOTHING
  }
}

function lintEdges(draft: Draft, name: string, node: NodeFile, filter: Filter): void {
  if (filter.outcomes === 'open') lintOpenEdges(draft, name, node, filter)
  else lintFixedEdges(draft, name, node, filter, filter.outcomes)
}

function lintOpenEdges(draft: Draft, name: string, { on }: NodeFile, filter: Filter): void {
  if (!Object.hasOwn(on, '*')) reportMissingEdge(draft, name, filter, '*')
  for (const outcome of Object.keys(on)) {
    if (outcome === '*' || !outcome.includes('*')) continue
    report(draft, 'unknown-edge', {
      pointer: pointTo('/nodes', name, 'on', outcome),
      atKey: true,
      message: `node "${name}" has an edge "${outcome}", in which * does not stand for anything`,
      remedy: 'write the whole value; "*" alone stands for every other one',
    })
  }
}

function lintFixedEdges(
  draft: Draft,
  name: string,
  { on }: NodeFile,
  filter: Filter,
  outcomes: readonly string[],
): void {
  const present = Object.keys(on)
  const missing = outcomes.filter((outcome) => !present.includes(outcome))
  const unknown = present.filter((outcome) => !outcomes.includes(outcome))
  for (const outcome of unknown) {
    report(draft, 'unknown-edge', {
      pointer: pointTo('/nodes', name, 'on', outcome),
      atKey: true,
      message: `node "${name}" has an edge "${outcome}", which is no outcome of ${filter.name}`,
      remedy: didYouMean(outcome, missing, `remove it; the outcomes are ${listNames(outcomes)}`),
    })
  }
  for (const outcome of missing) reportMissingEdge(draft, name, filter, outcome)
}

function reportMissingEdge(draft: Draft, name: string, filter: Filter, outcome: string): void {
  report(draft, 'missing-edge', {
    pointer: pointTo('/nodes', name, 'on'),
    atKey: true,
    message: `node "${name}" has no edge for the outcome "${outcome}" of ${filter.name}`,
    remedy: `add "${outcome}": "<node>" to its "on", or "@failure" to end there`,
  })
}
