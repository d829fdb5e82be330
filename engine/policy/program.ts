import { eventOf, FAULT, toMachine } from './compile.ts'
import type { Logger, Services, Step, SubPolicy } from './filter.ts'
import { type Finding, FindingsError, type Place } from './finding.ts'
import { LiveMessage } from './live-message.ts'
import type { CheckedNode, CheckedPolicy } from './policy.ts'
import { deriveTable, type Table } from './table.ts'
import { walk } from './walk.ts'

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

/** Where in a policy's file a JSON Pointer leads. */
export type Locate = (file: string, pointer: string) => Place

/**
 * Makes policies ready to run: every node's filter is created once.
 *
 * @throws FindingsError naming every node whose filter could not be created.
 */
export function loadPolicies(
  policies: ReadonlyMap<string, CheckedPolicy>,
  services: Services,
  locate: Locate = () => ({ line: 1, column: 1 }),
): ReadonlyMap<string, Program> {
  const programs = new Map<string, Program>()
  const findings: Finding[] = []
  for (const policy of policies.values()) {
    const table = deriveTable(toMachine(policy))
    const nodes: ProgramNode[] = []
    for (const checked of inOrder(policy, table)) {
      try {
        nodes.push(createNode(checked, table, services, programs, policies))
      } catch (cause) {
        findings.push(createFailed(policy, checked, cause, locate))
      }
    }
    const fault = table.events.indexOf(FAULT)
    programs.set(policy.name, { policy, table, nodes, fault, log: services.log, programs })
  }
  if (findings.length > 0) throw new FindingsError(findings)
  return programs
}

function inOrder(policy: CheckedPolicy, table: Table): CheckedNode[] {
  return table.states.flatMap((name) => policy.nodes.get(name) ?? [])
}

function createNode(
  checked: CheckedNode,
  table: Table,
  services: Services,
  programs: ReadonlyMap<string, Program>,
  policies: ReadonlyMap<string, CheckedPolicy>,
): ProgramNode {
  const runs: string[] = []
  const policy = (name: string): SubPolicy => {
    if (!policies.has(name)) throw new Error(`there is no policy "${name}"`)
    runs.push(name)
    return runFrom(checked.name, () => programs.get(name))
  }
  const step = checked.filter.create(checked.config, { ...services, policy })
  if (typeof step !== 'function') throw new TypeError('create answered no function')
  // For a switch `failure` is an exit like any other.
  const isSwitch = checked.filter.outcomes === 'open'
  const clearsError = !isSwitch && runs.length === 0 && !writesError(checked)
  const events = eventsOf(checked, table)
  return { name: checked.name, checked, step, events, runs, clearsError }
}

function writesError({ filter, config }: CheckedNode): boolean {
  const { failure = [] } = filter.writes(config)
  return failure.includes('error') || failure.includes('error?')
}

/** Runs a policy as part of the node; the policy is looked up late, because it may be loaded later. */
function runFrom(node: string, find: () => Program | undefined): SubPolicy {
  return async function runSubPolicy(message) {
    const program = find()
    if (!program) throw new Error('a policy runs only after all policies have been loaded')
    if (!(message instanceof LiveMessage))
      throw new TypeError('a policy runs only on the message of its node')
    return walk(program, message.within(node))
  }
}

function eventsOf(node: CheckedNode, table: Table): ReadonlyMap<string, number> {
  const { outcomes } = node.filter
  const declared = Object.keys(node.on).filter(
    (key) => outcomes === 'open' || outcomes.includes(key),
  )
  return new Map(declared.map((key) => [key, table.events.indexOf(eventOf(node, key))]))
}

function createFailed(
  policy: CheckedPolicy,
  { name, filter }: CheckedNode,
  cause: unknown,
  locate: Locate,
): Finding {
  const pointer = `/nodes/${name}`
  const reason = cause instanceof Error ? cause.message : String(cause)
  return {
    file: policy.file,
    ...locate(policy.file, pointer),
    code: 'create-failed',
    message: `the filter ${filter.name} of the node "${name}" could not be created: ${reason}`,
    remedy: 'correct its config, or the filter',
    pointer,
  }
}
