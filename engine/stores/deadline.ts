import { Unavailable } from '../policy/fault.ts'
import type { NumberSchema } from '../policy/settings.ts'
import { type Answer, isMisuse } from './contract.ts'

/** Milliseconds that a store has for an answer. */
export const DEADLINE = 3000

export const deadlineSetting = {
  type: 'integer',
  minimum: 1,
  maximum: 60_000,
  default: DEADLINE,
  description: 'Milliseconds that the store has for an answer; then the client gets 503.',
} as const satisfies NumberSchema

/**
 * Asks a store. What is no answer becomes `Unavailable`: an error, and silence until the deadline.
 * An answer that is there at once costs no timer.
 */
export async function askWithin<T>(
  deadline: number,
  store: string,
  ask: () => Answer<T>,
): Promise<T> {
  try {
    const answer = ask()
    return answer instanceof Promise ? await orSilence(answer, deadline) : answer
  } catch (error) {
    if (isMisuse(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Unavailable(`the store "${store}" did not answer: ${reason}`, { cause: error })
  }
}

function orSilence<T>(answer: Promise<T>, deadline: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const silence = () => reject(new Error(`nothing came within ${deadline} ms`))
    const timer = setTimeout(silence, deadline)
    const settle = <V>(go: (value: V) => void) => {
      return (value: V) => {
        clearTimeout(timer)
        go(value)
      }
    }
    answer.then(settle(resolve), settle(reject))
  })
}
