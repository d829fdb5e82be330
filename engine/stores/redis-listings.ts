import { MOST_COUNTED } from './record-text.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { Line } from './redis-line.ts'
import * as scripts from './redis-scripts.ts'

/** A record as it stands in Redis, and its number in the order of creation where that was asked for. */
export interface Listed {
  readonly key: string
  readonly number: string
  readonly stored: string
}

/** How much of a listing one step reads; more would hold up everybody else. */
const STRETCH = 1000

/** Reads what the listings of a collection name, and leaves out what is gone. */
export function openListings(line: Line, keys: RedisKeys, now: () => number) {
  return { read, all, count }

  /** So many records from there on; fewer at the end only. */
  async function read(
    order: 'number' | 'key',
    listing: string,
    from: string,
    wanted: number,
  ): Promise<readonly Listed[]> {
    const found: Listed[] = []
    let start = from
    while (start !== '' && found.length < wanted) {
      const words = [order, start, String(wanted - found.length), String(STRETCH)]
      const answer = await line.run(
        scripts.page,
        [listing],
        [...words, keys.record(''), String(now())],
      )
      const [end = '', ...fields] = answer as readonly string[]
      for (let i = 0; i + 2 < fields.length; i += 3) {
        const [key = '', number = '', stored = ''] = fields.slice(i, i + 3)
        found.push({ key, number, stored })
      }
      start = end === '' ? '' : `(${end}`
    }
    return found
  }

  /** Every record, in pages. */
  async function* all(): AsyncGenerator<readonly Listed[]> {
    let from = '-'
    for (;;) {
      const page = await read('key', keys.keys, from, STRETCH)
      yield page
      const last = page.at(-1)
      if (page.length < STRETCH || !last) return
      from = `(${last.key}`
    }
  }

  /** Up to `MOST_COUNTED`. */
  async function count(listing: string): Promise<number> {
    let total = 0
    let start = '-inf'
    while (start !== '' && total < MOST_COUNTED) {
      const words = [start, String(STRETCH), String(now())]
      const answer = await line.run(scripts.count, [listing, keys.ends], words)
      const [end, living] = answer as readonly [string, number]
      total += living
      start = end === '' ? '' : `(${end}`
    }
    return Math.min(total, MOST_COUNTED)
  }
}
