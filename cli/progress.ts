import type { Output } from './output.ts'

export interface Progress {
  /** So many more are done. */
  add(records: number): void
  end(): void
}

/** Tells on a terminal how far it is, and how fast it goes; elsewhere nothing. */
export function countProgress({ json }: Output, total: number): Progress {
  const { stderr } = process
  const shown = !json && stderr.isTTY
  const start = performance.now()
  let done = 0
  return {
    add(records) {
      done += records
      const rate = Math.round((done * 1000) / (performance.now() - start))
      if (shown) stderr.write(`\r${done} of ${Math.max(total, done)} records, ${rate}/s `)
    },
    end() {
      if (shown && done > 0) stderr.write('\n')
    },
  }
}
