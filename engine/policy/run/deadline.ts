import { DeadlineExceeded } from '../fault.ts'
import type { Logger } from '../filter.ts'

/**
 * The time limit of one walk through a policy. Its timer is set when the first step has to be waited
 * for, because a walk of synchronous steps has no use for one.
 */
export class Deadline {
  readonly #policy: string
  readonly #limit: number
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined
  #expire: (() => void) | undefined

  constructor(policy: string, limit: number, log: Logger) {
    this.#policy = policy
    this.#limit = limit
    this.#log = log
  }

  /** What the step answers, or `DeadlineExceeded`; then its late answer is swallowed. */
  race<Answer>(work: PromiseLike<Answer>): Promise<Answer> {
    this.#timer ??= setTimeout(() => this.#expire?.(), this.#limit)
    return new Promise((resolve, reject) => {
      let late = false
      this.#expire = () => {
        late = true
        reject(new DeadlineExceeded(`${this.#policy} took longer than ${this.#limit} ms`))
      }
      work.then(
        (answer) => (late ? this.#swallow({}) : resolve(answer)),
        (error) => (late ? this.#swallow({ err: error }) : reject(error)),
      )
    })
  }

  /** Stops the timer; the next race gets the whole limit again. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #swallow(fields: object): void {
    this.#log.debug({ policy: this.#policy, ...fields }, 'a step answered after its deadline')
  }
}
