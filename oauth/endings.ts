import type { Store } from '../engine/stores/store.ts'

/**
 * What tokens hang on and is about to end: a client by its id and epoch, or an authorization by the
 * key of its record and its id. The mark is random and never used again, so that once it has ended,
 * every token that bears it is dead for good.
 */
export type Ending = {
  readonly of: 'client' | 'authorization'
  readonly key: string
  readonly mark: string
}

/** An ending whose tokens are to be removed, kept under its mark. */
export type SweepJob = Ending & {
  readonly announced: number
  /** How far the tokens have been looked through. */
  readonly cursor?: string
}

/** Who sweeps at present. */
export type SweepLease = { readonly holder: string; readonly until: number }

/** What is kept for the sweep beside the tokens of a store. */
export type SweepRecord = SweepJob | SweepLease

/** Says that something is about to end. It must be said first, so that no crash forgets the dead. */
export type Announce = (ending: Ending) => Promise<void>

/** Leaves a job for the sweep of each of these. */
export function announcer(sweeps: readonly Store<SweepRecord>[], now: () => number): Announce {
  return async function announce(ending) {
    const job: SweepJob = { ...ending, announced: now() }
    await Promise.all(sweeps.map((jobs) => jobs.set(ending.mark, job)))
  }
}
