import type { Fault } from './fault.ts'
import type { Step } from './filter.ts'
import type { Refusal } from './refusal.ts'

/** A node that was left, and by which outcome; a surprise is the outcome `fault`. */
export interface Walked {
  readonly policy: string
  /** In a sub-policy with the nodes that led into it: `check/find-client`. */
  readonly node: string
  readonly outcome: string
}

/** Told about a run as it goes. Nodes of sub-policies come and go within their parent. */
export interface Tracer {
  entered(node: string, filter: string): void
  wrote(attribute: string, value: unknown): void
  left(walked: Walked, why: { readonly refusal?: Refusal; readonly fault?: Fault }): void
}

/** What one request has met so far, sub-policies included. */
export interface Journey {
  readonly walked: Walked[]
  readonly tracer: Tracer | undefined
  /** Steps that stand in for those of the nodes named, which are mocked. */
  readonly mocks: ReadonlyMap<string, Step> | undefined
  /** The last one. */
  fault: Fault | undefined
}
