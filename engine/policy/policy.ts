import type { Filter } from './filter.ts'

/** Where an edge may lead besides a node. */
export const ENDS = ['@success', '@failure'] as const
export type End = (typeof ENDS)[number]

/** A policy file as found, before anybody has judged it. */
export interface PolicySource {
  /** Its path under `policies/` without `.json`: `oauth/revoke`. */
  readonly name: string
  /** As the reader would type it. */
  readonly file: string
  readonly text: string
}

/** A node that lint has passed: its filter exists, its settings are complete and frozen. */
export interface CheckedNode {
  readonly name: string
  readonly filter: Filter
  /** With the defaults of the schema filled in. */
  readonly config: unknown
  /** Outcome → node or end. */
  readonly on: Readonly<Record<string, string>>
}

/** A policy that lint has passed; everything it names exists. */
export interface CheckedPolicy {
  readonly name: string
  readonly file: string
  readonly description: string
  /** The service under which its use is counted. */
  readonly service: string
  readonly start: string
  /** The node to which a surprise leads; without it the engine answers by itself. */
  readonly fault?: string
  /** Milliseconds. */
  readonly timeLimit: number
  readonly nodes: ReadonlyMap<string, CheckedNode>
}
