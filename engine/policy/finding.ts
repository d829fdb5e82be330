/** A place in a text, both counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** One thing that lint found wrong, and what to do about it. */
export interface Finding extends Place {
  /** The path of the file as the reader would type it. */
  readonly file: string
  /** Stable, in docs/errors.md: `unknown-filter`. */
  readonly code: string
  /** What is wrong, naming the thing. */
  readonly message: string
  /** What to do next. */
  readonly remedy: string
  /** JSON Pointer into the file (RFC 6901); empty for the whole. */
  readonly pointer: string
}

/** `policies/oauth/revoke.json:12:16 unknown-filter …` */
export function formatFinding(finding: Finding): string {
  const { file, line, column, code, message, remedy } = finding
  return `${file}:${line}:${column} ${code} ${message}; ${remedy}`
}

/** A file, or several, that cannot be used as they are. */
export class FindingsError extends Error {
  override name = 'FindingsError'
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    super(findings.map(formatFinding).join('\n'))
    this.findings = findings
  }
}
