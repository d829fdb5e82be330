/** Why a filter said no. It is a value, not an exception: the policy goes on by the edge `failure`. */
export class Refusal {
  /** The code that the client sees, such as `invalid_client`. */
  readonly code: string
  /** One sentence for the client's developer. It reaches the response, so it names no secret. */
  readonly description: string
  /** What only the operator may know; it goes to the log. */
  readonly detail: string | undefined

  constructor(code: string, description: string, detail?: string) {
    this.code = code
    this.description = description
    this.detail = detail
  }
}

/**
 * Ends a filter with an expected refusal.
 *
 * @example return refuse('invalid_request', 'the parameter token is missing')
 */
export function refuse(code: string, description: string, detail?: string): Refusal {
  return new Refusal(code, description, detail)
}
