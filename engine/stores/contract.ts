import type { KeyvStoreAdapter } from 'keyv'

/** What is kept under a key: a JSON object. */
export type StoredRecord = object

/** Said by `update`'s function instead of a value: take the record away. */
export const REMOVE: unique symbol = Symbol('remove')
/** Said by `update`'s function instead of a value: leave everything as it is. */
export const KEEP: unique symbol = Symbol('keep')

/** A text under a key, as Keyv writes it (`{"value":…,"expires":…}`), and how long it is kept. */
export interface Kept {
  readonly text: string
  /** Milliseconds from now; absent: for ever. Never 0. */
  readonly ttl?: number
}

/** Pure and synchronous; it may run several times. `undefined` stands for an absent key. */
export type ChangeText = (current: string | undefined) => Kept | typeof REMOVE | typeof KEEP

export interface PageRequest {
  /** 1 to 1000. */
  readonly limit: number
  /** The `next` of the page before; absent: from the beginning. */
  readonly cursor?: string
  /** Count all that match, exactly up to 10,000. */
  readonly total?: boolean
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly next?: string
  /** Only when asked for; 10,001 means more than 10,000. */
  readonly total?: number
}

/** A key and the text under it. */
export interface Entry {
  readonly key: string
  readonly text: string
}

/** What an adapter answers about itself, for `store status` and readiness. */
export interface Health {
  readonly reachable: boolean
  /** Milliseconds for one round trip. */
  readonly roundTrip: number
  /** What is wrong, for the operator. */
  readonly problem?: string
}

/** How many records there are, and how many bytes they take where the store can tell. */
export interface Size {
  readonly records: number
  readonly expired: number
  readonly bytes?: number
}

/**
 * A storage adapter: Keyv's, plus five abilities. Values are the texts that Keyv writes. A record
 * whose time is over reads as absent, so that nobody deletes what another has just written anew.
 * Errors mean that the store could not answer; they are thrown, never turned into `undefined`.
 */
export interface StoreAdapter extends KeyvStoreAdapter {
  /** Reads, changes and writes in one step against all other callers in all processes. */
  update(key: string, change: ChangeText): Promise<{ before?: string; after?: string }>
  /** Records by an indexed property, in order of creation; cost and cursors do not depend on how many match. */
  find(index: string, value: string, page: PageRequest): Promise<Page<Entry>>
  /** All records in key order, those after `from`. */
  scan(from: string | undefined, limit: number): Promise<readonly Entry[]>
  /** Removes at most `limit` records whose time is over, and says how many. */
  purgeExpired(limit: number): Promise<number>
  /** Answers within a second, also when the server is gone. */
  health(): Promise<Health>
  size(): Promise<Size>
}

/** What one collection of records needs from its adapter. */
export interface CollectionOptions {
  /** Properties of the record by which `find` looks. */
  readonly indexes: readonly string[]
}

/** An open store of `gateway.json`: the place in which collections live. */
export interface Connection {
  /** How many processes may hold it at once. */
  readonly processes: 'one' | 'many'
  /** Opens, and if need be makes, the collection of that name. */
  collection(name: string, options: CollectionOptions): StoreAdapter
  health(): Promise<Health>
  close(): Promise<void>
}
