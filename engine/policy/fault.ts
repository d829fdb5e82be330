/** The store, or whatever else was asked, did not answer: nobody knows yet, so the answer is 503. */
export class Unavailable extends Error {
  override name = 'Unavailable'
  /** Seconds after which asking again makes sense; sent as Retry-After. */
  readonly retryAfter: number

  constructor(message: string, options: { cause?: unknown; retryAfter?: number } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.retryAfter = options.retryAfter ?? 1
  }
}

/** The policy took longer than its time limit allows. */
export class DeadlineExceeded extends Unavailable {
  override name = 'DeadlineExceeded'
}

/** A surprise: a filter threw, or time ran out. The attribute `fault` of the fault path. */
export interface Fault {
  /** The node in which it happened. */
  readonly node: string
  readonly cause: unknown
}
