import { KEEP } from '../engine/stores/contract.ts'
import type { Store } from '../engine/stores/store.ts'
import { randomId } from './digest.ts'
import type { SweepLease, SweepRecord } from './endings.ts'

/** No mark is so short. */
const KEY = 'lease'
/** Whoever has not asked for so long has stopped or crashed, and another takes over. */
const LASTS = 60_000

/** Takes or prolongs the lease of the one sweeper of a store; false while another process has it. */
export function sweepLease(store: Store<SweepRecord>, now: () => number): () => Promise<boolean> {
  const self = randomId()
  let heldUntil = 0

  return async function hold() {
    if (heldUntil - now() > LASTS / 2) return true
    const lease: SweepLease = { holder: self, until: now() + LASTS }
    const { after } = await store.update(KEY, (current) => (isHeldByOther(current) ? KEEP : lease))
    const isOurs = !isHeldByOther(after)
    heldUntil = isOurs ? lease.until : 0
    return isOurs
  }

  function isHeldByOther(record: SweepRecord | undefined): boolean {
    if (record === undefined || !('holder' in record)) return false
    return record.holder !== self && now() < record.until
  }
}
