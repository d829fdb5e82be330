import type { Finding } from '../finding.ts'
import { pointTo } from '../pointer.ts'
import type { PolicySource } from '../policy.ts'
import type { Problem } from '../problem.ts'
import { type JsonText, readJson } from '../read.ts'
import { checkAgainst } from '../schema.ts'
import type { LintCode } from './lint-codes.ts'
import { type NodeFile, POLICY_SHAPE, type PolicyFile } from './policy-schema.ts'

/** A policy on its way through lint. */
export interface Draft {
  readonly name: string
  readonly text: JsonText
  /** What the file says; complete only if `sound`. */
  readonly policy: Partial<PolicyFile>
  /** The file has the shape of a policy, and nothing in it stands twice. */
  readonly sound: boolean
  /** The nodes whose own shape is right. */
  readonly nodes: ReadonlyMap<string, NodeFile>
  readonly findings: Finding[]
}

export function report(draft: Draft, code: LintCode, problem: Problem): void {
  const { pointer, message, remedy, atKey } = problem
  const { file, place, keyPlace } = draft.text
  const at = atKey ? keyPlace(pointer) : place(pointer)
  draft.findings.push({ ...at, file, code, message, remedy, pointer })
}

/** Reads a policy and holds it against the shape of all policies. */
export function draftPolicy(source: PolicySource): Draft {
  const text = readJson(source.file, source.text)
  const { value, problems } = checkAgainst(
    POLICY_SHAPE,
    text.value === undefined ? {} : text.value,
    'key',
  )
  const policy = (isPlainObject(value) ? value : {}) as Partial<PolicyFile>
  const draft: Draft = {
    name: source.name,
    text,
    policy,
    sound: problems.length === 0 && text.findings.length === 0,
    nodes: soundNodes(policy, problems),
    findings: [...text.findings],
  }
  if (text.value !== undefined) {
    for (const problem of problems) report(draft, 'bad-policy', problem)
  }
  return draft
}

function soundNodes(
  { nodes }: Partial<PolicyFile>,
  problems: readonly Problem[],
): ReadonlyMap<string, NodeFile> {
  const entries = isPlainObject(nodes) ? Object.entries(nodes as PolicyFile['nodes']) : []
  return new Map(entries.filter(([name]) => !problems.some(liesIn(pointTo('/nodes', name)))))
}

function liesIn(place: string): (problem: Problem) => boolean {
  return ({ pointer }) => pointer === place || pointer.startsWith(`${place}/`)
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
