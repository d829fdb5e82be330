import { setTimeout as rest } from 'node:timers/promises'
import type { Logger } from '../policy/filter.ts'
import type { Store } from './store.ts'

const BATCH = 1000
/** Milliseconds between two batches. */
const LONGEST_REST = 100

/** A store, or something of a store, that is purged batch by batch. */
export type Purged = Pick<Store, 'name' | 'purgeExpired'>

export interface Purger {
  /** Purges no more; resolves when the batch that is running has ended. */
  stop(): Promise<void>
}

/**
 * Removes what is expired and says how many records it was. After each batch it rests three times as
 * long as that took, within bounds, so that others have the store most of the time. `goOn` is asked after each batch, with how
 * many it is by then.
 */
export async function purgeAll(
  store: Pick<Store, 'purgeExpired'>,
  goOn: (removed: number) => boolean = () => true,
): Promise<number> {
  let removed = 0
  for (;;) {
    const start = performance.now()
    const batch = await store.purgeExpired(BATCH)
    removed += batch
    if (batch < BATCH || !goOn(removed)) return removed
    await rest(Math.min(LONGEST_REST, 3 * (performance.now() - start)))
  }
}

/** Purges the store every so many seconds, one run at a time, until it is stopped. */
export function startPurger(store: Purged, everySeconds: number, log: Logger): Purger {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let timer = wait()

  function wait(): NodeJS.Timeout {
    return setTimeout(() => {
      running = purge().finally(() => {
        if (!stopped) timer = wait()
      })
    }, everySeconds * 1000).unref()
  }

  async function purge(): Promise<void> {
    const start = performance.now()
    try {
      const removed = await purgeAll(store, () => !stopped)
      const ms = Math.round(performance.now() - start)
      if (removed > 0) log.info({ store: store.name, removed, ms }, 'purged what was over')
    } catch (error) {
      log.warn(
        { store: store.name, err: error },
        `the store "${store.name}" could not be purged; the next attempt is in ${everySeconds} s`,
      )
    }
  }

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
