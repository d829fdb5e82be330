import type { Finding } from '../policy/finding.ts'
import { Misuse } from '../stores/contract.ts'
import type { GatewayConfig } from './config.ts'

/** What `gateway.json` asks for and cannot have. */
export class SetUpError extends Misuse {
  /** Where in `gateway.json`. */
  readonly pointer: string

  constructor(pointer: string, message: string) {
    super(message)
    this.pointer = pointer
  }
}

/** The first of an error and its causes that knows its place. */
export function setUpErrorIn(error: unknown): SetUpError | undefined {
  if (error instanceof SetUpError) return error
  return error instanceof Error ? setUpErrorIn(error.cause) : undefined
}

/** An error as a finding in `gateway.json`; what follows its last semicolon is what to do. */
export function toFinding(
  config: GatewayConfig,
  code: string,
  pointer: string,
  error: unknown,
): Finding {
  const text = error instanceof Error ? error.message : String(error)
  const [, message = text, remedy = 'correct what it names'] = /^(.*); ([^;]*)$/s.exec(text) ?? []
  return config.finding(code, { pointer, message, remedy })
}
