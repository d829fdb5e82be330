/** What a request that no policy should see is answered with. A value, not an exception, like `Refusal`. */
export class BadInput {
  readonly status: number
  /** For the log: stable, and free of anything that the client sent. */
  readonly reason: string
  /** One sentence for the client's developer. */
  readonly description: string
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    reason: string,
    description: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.status = status
    this.reason = reason
    this.description = description
    this.headers = headers
  }
}
