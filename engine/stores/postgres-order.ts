import { setTimeout as sleep } from 'node:timers/promises'
import type { Ask } from './postgres-pool.ts'
import type { Statements } from './postgres-statements.ts'

const PAUSE = 5

/**
 * Makes sure that nothing will turn up any more up to a place in the order of creation, so that a
 * cursor may stand there.
 *
 * A record gets its place when it is inserted and is seen when its transaction is committed, so that
 * an earlier place may turn up after a later one; a cursor that had passed it would skip it for ever.
 * Who has been given a place holds, until it ends, a lock on the table as every writer does, and
 * `pg_locks` shows it. So: see which places have been given away, see who writes after that, and wait
 * until those have ended. Up to there the order is settled, now and for ever; what is created later
 * gets a later place.
 */
export function settleOrder(ask: Ask, statements: Statements, patience: number) {
  let settled = 0

  /** False if the place was settled before, so that the page that led to it is complete. */
  return async function settle(place: number): Promise<boolean> {
    if (place <= settled) return false
    const reached = await ask(statements.lastPlace)
    await outlast(new Set((await writers()).map(({ id }) => id)))
    settled = Math.max(settled, Number(reached.rows[0]?.place ?? 0))
    return true
  }

  async function outlast(earlier: ReadonlySet<unknown>): Promise<void> {
    const end = performance.now() + patience
    for (;;) {
      const left = (await writers()).filter(({ id }) => earlier.has(id))
      if (left.length === 0) return
      if (performance.now() > end) {
        throw new Error(
          `the order of creation is not settled: process ${left[0]?.pid ?? 'unknown'} of PostgreSQL keeps a transaction open that has written to ${statements.table}; end it`,
        )
      }
      await sleep(PAUSE)
    }
  }

  async function writers() {
    return (await ask(statements.writers)).rows
  }
}
