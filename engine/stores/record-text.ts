import { type Change, Misuse } from './contract.ts'

/** Where counting stops: more than 10,000. */
export const MOST_COUNTED = 10_001

/**
 * The values by which `find` looks for a record, in the order of the indexes: texts, numbers and
 * booleans, as text. Anything else is not indexed.
 */
export function indexedValues(
  text: string,
  indexes: readonly string[],
): readonly (string | undefined)[] {
  if (indexes.length === 0) return []
  const record: unknown = JSON.parse(text).value
  const values = new Map(Object.entries(record ?? {}))
  return indexes.map((index) => {
    const value: unknown = values.get(index)
    return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined
  })
}

/** When a record's time is over: milliseconds since the epoch, or never. */
export function expiryAfter(ttl: number | undefined, now: number): number {
  if (ttl === undefined) return Number.POSITIVE_INFINITY
  // Keyv takes 0 for "for ever": what is in its last millisecond would never end.
  if (!Number.isFinite(ttl) || ttl <= 0) {
    throw new Misuse(`a ttl of ${ttl} ms cannot be kept; pass more than 0, or none for ever`)
  }
  return Math.ceil(now + ttl)
}

export function changed(before: string | undefined, after: string | undefined): Change {
  return {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

/** Where an index is looked up, or why it cannot be. */
export function positionOf(index: string, indexes: readonly string[]): number {
  const position = indexes.indexOf(index)
  if (position >= 0) return position
  throw new Misuse(`there is no index "${index}"; declared are: ${indexes.join(', ') || 'none'}`)
}

/** The place in the order of creation at which a page ended. */
export function readCursor(cursor: string): number {
  if (/^[1-9][0-9]{0,15}$/.test(cursor)) return Number(cursor)
  throw new Misuse('the cursor is none that a page has given; start from the first page')
}
