import { type Finding, FindingsError, type Place } from '../finding.ts'
import { readJson } from '../read.ts'
import { checkAgainst } from '../schema.ts'
import { policyTestSchema } from './policy-test-schema.ts'
import type { RequestSpec } from './test-request.ts'

/** What stores hold at the beginning; the engine hands it on as it is. */
export type Given = Readonly<Record<string, unknown>>

/** What happens in place of a node. */
export interface Mock {
  readonly outcome?: string
  readonly error?: { readonly code: string; readonly description: string }
  readonly set?: Readonly<Record<string, unknown>>
  readonly response?: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  readonly outage?: boolean
  readonly throw?: 'unavailable' | 'deadline' | 'error'
}

export interface Expectation {
  readonly status: number
  readonly headers?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly path?: readonly string[]
}

export interface TestCase {
  readonly name: string
  readonly given?: Given
  readonly request: RequestSpec
  readonly mocks?: Readonly<Record<string, Mock>>
  readonly expect: Expectation
}

/** The tests that stand beside a policy: `revoke.test.json`. */
export interface PolicyTestFile {
  /** As the reader would type it. */
  readonly file: string
  readonly given: Given
  readonly cases: readonly TestCase[]
  place(pointer: string): Place
}

/**
 * Reads the text of a policy test.
 *
 * @throws FindingsError for what is no such test
 */
export function readPolicyTest(file: string, text: string): PolicyTestFile {
  const json = readJson(file, text)
  if (json.findings.length > 0) throw new FindingsError(json.findings)
  const { value, problems } = checkAgainst(policyTestSchema, json.value, 'key')
  const findings = problems.map(({ pointer, atKey, message, remedy }): Finding => {
    const place = atKey ? json.keyPlace(pointer) : json.place(pointer)
    return { file, ...place, code: 'bad-test', message, remedy, pointer }
  })
  if (findings.length > 0) throw new FindingsError(findings)
  const { given = {}, cases } = value as { given?: Given; cases: readonly TestCase[] }
  return { file, given, cases, place: json.place }
}
