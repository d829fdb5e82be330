import type { KeyvStoreAdapter } from 'keyv'
import type { ObjectSchema } from '../policy/settings.ts'

/** An answer that may already be there: an embedded store need not make its caller wait. */
export type Answer<T> = T | Promise<T>

/**
 * The call itself is wrong, so that asking again is no use: a cursor that is none, an index that was
 * not declared, a write to a store that was opened for reading.
 */
export class Misuse extends Error {
  override name = 'Misuse'
}

/** By name: an adapter from elsewhere may bring a copy of this module. */
export function isMisuse(error: unknown): error is Misuse {
  return error instanceof Error && error.name === 'Misuse'
}

/** What is kept under a key: a JSON object. */
export type StoredRecord = object

/** Said by `update`'s function instead of a value: take the record away. */
export const REMOVE: unique symbol = Symbol.for('sallyport.remove')
/** Said by `update`'s function instead of a value: leave everything as it is. */
export const KEEP: unique symbol = Symbol.for('sallyport.keep')

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

/** What Keyv's `setMany` takes. */
export interface KeyedText {
  readonly key: string
  readonly value: string
  readonly ttl?: number
}

/** What an adapter answers about itself, for `store status` and readiness. */
export interface Health {
  readonly reachable: boolean
  /** Milliseconds for one round trip. */
  readonly roundTrip: number
  /** What is wrong, for the operator; also of a store that answers, such as one whose disk is full. */
  readonly problem?: string
  /** The settings of the server that say how well it keeps what it has acknowledged. */
  readonly durability?: string
}

/**
 * How many records there are, and how many bytes they take where the store can tell. A server may stop
 * counting beyond 10,000, and estimate.
 */
export interface Size {
  /** Absent where the store cannot tell, and so below. */
  readonly records?: number
  /** How many of them wait for the purge; 10,001 means more than 10,000. */
  readonly expired?: number
  readonly bytes?: number
}

/** What `update` found and what it left; absent where there was no record. */
export interface Change {
  readonly before?: string
  readonly after?: string
}

/**
 * A storage adapter: Keyv's, plus five abilities. Values are the texts that Keyv writes. A record
 * whose time is over reads as absent, so that nobody deletes what another has just written anew.
 * Errors mean that the store could not answer; they are thrown, never turned into `undefined`. Only
 * `Misuse`, and what the caller's own function throws, mean something else.
 */
export interface StoreAdapter extends Pick<KeyvStoreAdapter, 'opts' | 'namespace' | 'on'> {
  get(key: string): Answer<string | undefined>
  getMany(keys: readonly string[]): Answer<(string | undefined)[]>
  has(key: string): Answer<boolean>
  /** `ttl` as in `Kept`. */
  set(key: string, text: string, ttl?: number): Answer<void>
  /** All in one step, where that is faster than one after another. */
  setMany?(entries: readonly KeyedText[]): Answer<void>
  /** True for the one caller who took it away. */
  delete(key: string): Answer<boolean>
  /** Removes every record; under a Keyv namespace, every record of the namespace. */
  clear(): Answer<void>
  /**
   * Reads, changes and writes in one step against all other callers in all processes. Where `change`
   * runs several times, its last run is the one that counts; where it throws, nothing is written.
   */
  update(key: string, change: ChangeText): Answer<Change>
  /**
   * Records by an indexed property (texts, numbers and booleans, as text), in order of creation, which
   * an update does not alter. Cost and cursors do not depend on how many match.
   */
  find(index: string, value: string, page: PageRequest): Answer<Page<Entry>>
  /** All records in the order of their keys' UTF-8 bytes, those after `from`; fewer than `limit` at the end only. */
  scan(from: string | undefined, limit: number): Answer<readonly Entry[]>
  /** Removes at most `limit` records whose time is over, and says how many. */
  purgeExpired(limit: number): Answer<number>
  /** Answers within a second, also when the server is gone. */
  health(): Answer<Health>
  size(): Answer<Size>
}

/** What an adapter that is not ours may be unable to promise. */
export type Ability = 'update' | 'find' | 'scan'

/** What one collection of records needs from its adapter. */
export interface CollectionOptions {
  /** Properties of the record by which `find` looks. */
  readonly indexes: readonly string[]
}

/** An open store of `gateway.json`: the place in which collections live. */
export interface Connection {
  /** How many processes may hold it at once. */
  readonly processes: 'one' | 'many'
  /** What the operator should know when the gateway starts. */
  readonly warning?: string
  /** What it cannot promise. Whoever needs that must not be given a collection of it. */
  readonly lacks?: readonly Ability[]
  /** Opens, and if need be makes, the collection of that name. */
  collection(name: string, options: CollectionOptions): StoreAdapter
  /** Where the store has one holder only: tells those it refuses where to speak to that holder. */
  announce?(management: string): void
  health(): Promise<Health>
  close(): Promise<void>
}

/** What an adapter is opened with besides its settings. */
export interface ConnectOptions {
  /** For whoever only looks, also while another process holds the store. */
  readonly readOnly?: boolean
  /** Milliseconds since the epoch. Tests move it. */
  readonly now?: () => number
  /** Refuses what can only be warned of elsewhere. */
  readonly production?: boolean
  /** Takes what the operator should know and was found out only after the start. */
  readonly warn?: (warning: string) => void
}

/** What the module of an adapter exports. */
export interface Adapter {
  /** How many processes may hold a store of it at once. */
  readonly processes: Connection['processes']
  /** What no store of it can promise. */
  readonly lacks?: readonly Ability[]
  /** The schema of its entry under `stores` in `gateway.json`. */
  readonly settings: ObjectSchema
  connect(
    settings: Readonly<Record<string, unknown>>,
    options?: ConnectOptions,
  ): Promise<Connection>
}
