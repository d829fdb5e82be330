import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How much is measured. `BENCH_QUICK=1` only shows that everything runs; its figures mean little. */
export interface Plan {
  readonly rounds: number
  /** Seconds of load a round, and before the first one. */
  readonly seconds: number
  readonly warmUp: number
  /** Tokens that live while the memory that they take is weighed. */
  readonly weighed: number
  /** Tokens in the large store, and in the small one. */
  readonly large: number
  readonly small: number
}

const full: Plan = {
  rounds: 5,
  seconds: 3,
  warmUp: 1,
  weighed: 20_000,
  large: 1_000_000,
  small: 10_000,
}
const quick: Plan = {
  rounds: 2,
  seconds: 0.7,
  warmUp: 0.3,
  weighed: 2_000,
  large: 30_000,
  small: 10_000,
}

export const isQuick = process.env.BENCH_QUICK === '1'
export const plan = isQuick ? quick : full

/** Whether the servers have core 0 for themselves, and the load core 1. */
export const isPinned = process.env.BENCH_PINNED === '1'

/** Open connections of the load. */
export const CONNECTIONS = 32

/** Where the repository is. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Where stores live while they are measured; `TMPDIR` says on which disk. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
}
