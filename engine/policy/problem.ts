/** What is wrong at a place of a value, and what to do about it. */
export interface Problem {
  /** JSON Pointer into the value. */
  readonly pointer: string
  readonly message: string
  readonly remedy: string
  /** It is the key at the pointer that offends, not its value. */
  readonly atKey?: boolean
}
