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
 * An answer that is there at once costs no timer and no promise.
 */
export function askWithin<T>(deadline: number, store: string, ask: () => Answer<T>): Answer<T> {
  try {
    const answer = ask()
    if (!(answer instanceof Promise)) return answer
    return orSilence(answer, deadline).catch((error) => {
      throw unanswered(store, error)
    })
  } catch (error) {
    throw unanswered(store, error)
  }
}

function unanswered(store: string, error: unknown): unknown {
  if (isMisuse(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new Unavailable(`the store "${store}" did not answer: ${reason}`, { cause: error })
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
