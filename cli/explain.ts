import { FindingsError } from '../engine/policy/finding.ts'

/** An error as the command line tells it. */
export interface Problem {
  readonly message: string
  readonly findings?: FindingsError['findings']
}

/** The causes belong to the message: the last one often says what to do. */
export function explain(error: unknown): Problem {
  if (error instanceof FindingsError) {
    const count = error.findings.length
    const heading = count === 1 ? '1 finding' : `${count} findings`
    return { message: `${error.message}\n${heading}`, findings: error.findings }
  }
  return { message: `sallyport: ${messages(error).join(': ')}` }
}

function messages(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)]
  const causes = error.cause === undefined ? [] : messages(error.cause)
  return [error.message, ...causes.filter((cause) => !error.message.includes(cause))]
}
