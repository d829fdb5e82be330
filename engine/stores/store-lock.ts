import { Unavailable } from '../policy/fault.ts'
import type { Connection } from './contract.ts'
import { askWithin, DEADLINE } from './deadline.ts'

/**
 * `locked`: nothing may be written, reads go on. `unfinished`: what is here is a copy that is not
 * complete, so that it must not be read either.
 */
export type LockState = 'locked' | 'unfinished'

/** Why a store is not open, as it is kept in the store itself. */
export interface LockRecord {
  readonly state: LockState
  /** ISO 8601 */
  readonly since: string
}

/**
 * Whether a store may be written to and read, as all processes see it. The record stands in the store.
 * A process believes what it has read for `LEASE`, counted from before it asked, and then asks again
 * before it writes; so after `settledIn` no write is under way that began under an older belief: such
 * a one has found a connection and has ended, or failed, within a deadline each.
 */
export interface StoreLock {
  /** The name in `gateway.json`. */
  readonly name: string
  /** Milliseconds after which every process heeds a lock that has been set. */
  readonly settledIn: number
  /** Throws `Unavailable` where nothing may be written; a promise only where it has to ask. */
  beforeWrite(): Promise<void> | undefined
  /** Likewise where nothing may be read. */
  beforeRead(): Promise<void> | undefined
  /** Asks the store now; `undefined` if it is open. */
  look(): Promise<LockRecord | undefined>
  set(state: LockState): Promise<LockRecord>
  release(): Promise<void>
}

/** Milliseconds for which a process need not ask again. */
const LEASE = 3000
/** It asks earlier than it must, so that hardly anybody waits for it. */
const ASK_AFTER = 1000
const RETRY_AFTER = 10
const COLLECTION = 'store-lock'
const KEY = 'lock'

interface Belief {
  readonly record: LockRecord | undefined
  /** `performance.now()` before the store was asked. */
  readonly at: number
}

/** The lock of a store. Where one process holds the store, what it has set itself is all there is. */
export function openStoreLock(
  name: string,
  connection: Connection,
  deadline: number = DEADLINE,
): StoreLock {
  const alone = connection.processes === 'one'
  const adapter = connection.collection(COLLECTION, { indexes: [] })
  const ask = <T>(call: () => T | Promise<T>) => askWithin(deadline, name, call)
  let belief: Belief | undefined
  let asking: Promise<LockRecord | undefined> | undefined
  let changes = 0

  return {
    name,
    // What it is told on asking may be as old as a deadline.
    settledIn: alone ? 0 : Math.max(LEASE, deadline) + 2 * deadline,

    beforeWrite() {
      const age = belief === undefined ? LEASE : ageOf(belief)
      if (age >= LEASE) return askAnd(requireOpen)
      if (age >= ASK_AFTER) askOnce().catch(() => {})
      requireOpen()
      return undefined
    },

    beforeRead() {
      const outdated = belief?.record?.state === 'unfinished' && ageOf(belief) >= ASK_AFTER
      if (belief === undefined || outdated) return askAnd(requireComplete)
      requireComplete()
      return undefined
    },

    look: askOnce,

    async set(state) {
      const record = { state, since: new Date().toISOString() }
      // Here it holds at once: what was begun before stands in the store's queue before the record.
      await change(record, () => adapter.set(KEY, JSON.stringify({ value: record })))
      return record
    },

    async release() {
      await change(belief?.record, () => adapter.delete(KEY))
      belief = { record: undefined, at: performance.now() }
    },
  }

  function ageOf({ at }: Belief): number {
    return alone ? 0 : performance.now() - at
  }

  async function askAnd(require: () => void): Promise<void> {
    await askOnce()
    require()
  }

  function askOnce(): Promise<LockRecord | undefined> {
    asking ??= askStore().finally(() => {
      asking = undefined
    })
    return asking
  }

  async function askStore(): Promise<LockRecord | undefined> {
    const at = performance.now()
    const before = changes
    const text = await ask(() => adapter.get(KEY))
    const record: LockRecord | undefined = text === undefined ? undefined : JSON.parse(text).value
    // An answer from before this process changed it says nothing.
    if (changes === before) belief = { record, at }
    return record
  }

  async function change(record: LockRecord | undefined, write: () => unknown): Promise<void> {
    changes += 1
    belief = { record, at: performance.now() }
    try {
      await ask(write)
    } catch (error) {
      belief = undefined
      throw error
    } finally {
      changes += 1
    }
  }

  function requireOpen(): void {
    requireComplete()
    if (belief?.record === undefined) return
    throw new Unavailable(
      `the store "${name}" is locked since ${belief.record.since}, so nothing can be written; "sallyport store unlock" opens it again`,
      { retryAfter: RETRY_AFTER },
    )
  }

  function requireComplete(): void {
    if (belief === undefined) {
      throw new Unavailable(`the store "${name}" did not tell whether it is locked`)
    }
    if (belief.record?.state !== 'unfinished') return
    throw new Unavailable(
      `the store "${name}" holds a copy that was not finished; repeat "sallyport store copy" from where it came`,
      { retryAfter: RETRY_AFTER },
    )
  }
}
