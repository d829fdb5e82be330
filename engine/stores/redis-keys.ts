/** What a collection is kept under; `redis-scripts.ts` says what stands where. */
export interface RedisKeys {
  record(key: string): string
  place(place: string): string
  readonly places: string
  readonly keys: string
  readonly ends: string
  readonly sequence: string
  /** Who purges at present. */
  readonly purger: string
  /** The names of the indexes that there are, and of those under which every record is listed. */
  readonly indexes: string
  readonly complete: string
}

/**
 * The braces put a collection into one hash slot, so that a record and what lists it change in one
 * step. The price: a cluster spreads collections, not the records of one. Without it an index could
 * miss a record, to be found by whom it was given to, and by nobody who wants to end it.
 */
export function keysOf(prefix: string, collection: string): RedisKeys {
  const base = `${prefix}:{${encodeURIComponent(collection)}}:`
  return {
    record: (key) => `${base}r:${key}`,
    place: (place) => `${base}i:${place}`,
    places: `${base}places`,
    keys: `${base}keys`,
    ends: `${base}ends`,
    sequence: `${base}sequence`,
    purger: `${base}purger`,
    indexes: `${base}indexes`,
    complete: `${base}complete`,
  }
}
