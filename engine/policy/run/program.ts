import type { Logger, Step } from '../filter.ts'
import type { CheckedNode, CheckedPolicy } from '../policy.ts'
import type { Table } from './table.ts'

/** A node with its step, ready to run. */
export interface ProgramNode {
  readonly name: string
  readonly checked: CheckedNode
  readonly step: Step
  /** Outcome → its event in the table. */
  readonly events: ReadonlyMap<string, number>
  /** The policies that it runs. */
  readonly runs: readonly string[]
  /** To leave by `failure` without a refusal takes `error` away, which is another node's. */
  readonly clearsError: boolean
}

/** A policy ready to run: a table of transitions, and the step of each of its nodes. */
export interface Program {
  readonly policy: CheckedPolicy
  readonly table: Table
  /** In the order of the table's states. */
  readonly nodes: readonly ProgramNode[]
  /** The event `fault` in the table. */
  readonly fault: number
  readonly log: Logger
  /** Its fellows, for the sub-policies that it runs. */
  readonly programs: ReadonlyMap<string, Program>
}
