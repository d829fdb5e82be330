import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from '../policy/fault.ts'
import type { Logger } from '../policy/filter.ts'

/** What has to be done in the stores before the gateway may answer. */
export interface Preparation {
  /** Why the gateway may not answer; absent once it may. */
  problem(): string | undefined
  /** Tries no more. */
  stop(): Promise<void>
}

export interface PreparationOptions {
  /** Done as often as it takes, so what is done already must do no harm. */
  prepare(): Promise<void>
  /** Whether a store that does not answer may be waited for: a server, that may come. */
  readonly patient: boolean
  readonly log: Logger
}

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 1000

/**
 * Prepares the stores. Where one is down that may be waited for, it goes on trying in the background.
 *
 * What is found wrong only then can stop no start, so it keeps the gateway from answering for good:
 * with the keys of another set-up, every right secret would look like a wrong one.
 *
 * @throws what is found wrong at once
 */
export async function startPreparation(options: PreparationOptions): Promise<Preparation> {
  const { prepare, patient, log } = options
  const stopping = new AbortController()
  let problem: string | undefined
  let trying = Promise.resolve()

  try {
    await prepare()
  } catch (error) {
    if (!patient || !(error instanceof Unavailable)) throw error
    wait(error)
    trying = tryAgain()
  }

  return {
    problem: () => problem,
    async stop() {
      stopping.abort()
      await trying
    },
  }

  async function tryAgain(): Promise<void> {
    const { signal } = stopping
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      await sleep(pause, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted || (await tryOnce())) return
    }
  }

  /** Whether there is an end to it. */
  async function tryOnce(): Promise<boolean> {
    try {
      await prepare()
      problem = undefined
      log.info({}, 'ready')
      return true
    } catch (error) {
      if (stopping.signal.aborted) return true
      if (error instanceof Unavailable) {
        wait(error)
        return false
      }
      problem = error instanceof Error ? error.message : String(error)
      log.error(
        { err: error },
        'not ready, and 503 is the answer to everything: correct this, then start the gateway anew',
      )
      return true
    }
  }

  function wait({ message }: Unavailable): void {
    if (message === problem) return
    problem = message
    log.warn(
      { problem },
      'not ready: a store does not answer, so the gateway answers 503 until it does',
    )
  }
}
