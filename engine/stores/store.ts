import {
  type Answer,
  type Entry,
  type Health,
  KEEP,
  type Kept,
  type Page,
  type PageRequest,
  REMOVE,
  type Size,
  type StoreAdapter,
  type StoredRecord,
} from './contract.ts'
import { askWithin, DEADLINE } from './deadline.ts'
import { faultOfKey } from './key.ts'
import { KnownRecords } from './known-records.ts'
import type { StoreLock } from './store-lock.ts'

/** A record under its key. */
export interface Row<Value> {
  readonly key: string
  readonly value: Value
}

/** Pure and synchronous; it may run several times. `undefined` stands for an absent record. */
export type Change<Value> = (current: Value | undefined) => Value | typeof REMOVE | typeof KEEP

/**
 * One collection of records, as the rest of the house uses it. Every call has a deadline; where the
 * store does not answer, it throws `Unavailable`. A record's life stands in the record: the option
 * `lifetime` names the property (milliseconds since the epoch) after which it is gone, or, with
 * `keepExpired`, after which it is only kept to tell "expired" from "unknown".
 *
 * A key is 1 to 512 bytes of UTF-8 without NUL. Under any other nothing can be kept, so reading it
 * finds nothing and writing it throws a `RangeError`.
 */
export interface Store<Value extends StoredRecord = StoredRecord> {
  readonly name: string
  /** A record that may be shared with others who ask, so do not change it. */
  get(key: string): Promise<Value | undefined>
  getMany(keys: readonly string[]): Promise<readonly (Value | undefined)[]>
  set(key: string, value: Value): Promise<void>
  /** True for the one caller who took it away. */
  delete(key: string): Promise<boolean>
  update(key: string, change: Change<Value>): Promise<{ before?: Value; after?: Value }>
  find(index: string, value: string, page: PageRequest): Promise<Page<Row<Value>>>
  scan(from: string | undefined, limit: number): Promise<readonly Row<Value>[]>
  purgeExpired(limit: number): Promise<number>
  health(): Promise<Health>
  size(): Promise<Size>
}

export interface StoreOptions {
  /** For messages to the operator. */
  readonly name: string
  /** The property that holds the end of a record's life; without it records live for ever. */
  readonly lifetime?: string
  /** Seconds for which a record is kept after its life. */
  readonly keepExpired?: number
  /** Milliseconds; 3000 by default. */
  readonly deadline?: number
  /** Milliseconds since the epoch. Tests move it. */
  readonly now?: () => number
  /** That of the whole store. Without one it is always open. */
  readonly lock?: Pick<StoreLock, 'beforeRead' | 'beforeWrite'>
}

const HEALTH_DEADLINE = 1000

/** The store that keeps its records through that adapter. */
export function openStore<Value extends StoredRecord = StoredRecord>(
  adapter: StoreAdapter,
  options: StoreOptions,
): Store<Value> {
  const { name, deadline = DEADLINE, lock } = options
  const keep = keeper<Value>(options)
  const ask = <T>(call: () => Answer<T>) => askWithin(deadline, name, call)
  const look = <T>(call: () => Answer<T>) => askAfter(lock?.beforeRead(), call)
  const write = <T>(call: () => Answer<T>) => askAfter(lock?.beforeWrite(), call)
  const askAfter = <T>(leave: Promise<void> | undefined, call: () => Answer<T>) =>
    leave === undefined ? ask(call) : leave.then(() => ask(call))
  // What lives for ever is mostly read often and seldom changed; what ends, such as a token, is not.
  const known = options.lifetime === undefined ? new KnownRecords<Value>() : undefined

  return {
    name,

    async get(key) {
      if (faultOfKey(key) !== undefined) return undefined
      const answer = look(() => adapter.get(key))
      // Waiting for what is there already would cost a promise and a turn.
      const text = answer instanceof Promise ? await answer : answer
      return text !== undefined && known ? known.read(key, text) : read<Value>(text)
    },

    async getMany(keys) {
      const possible = keys.filter((key) => faultOfKey(key) === undefined)
      const texts = await look(() => adapter.getMany(possible))
      const found = new Map(possible.map((key, position) => [key, texts[position]]))
      return keys.map((key) => read<Value>(found.get(key)))
    },

    async set(key, value) {
      requireKey(name, key)
      const { text, ttl } = keep(value)
      await write(() => adapter.set(key, text, ttl))
    },

    async delete(key) {
      return faultOfKey(key) === undefined && (await write(() => adapter.delete(key)))
    },

    async update(key, change) {
      requireKey(name, key)
      let result: { before?: Value; after?: Value } = {}
      let thrown: { error: unknown } | undefined
      await write(() =>
        adapter.update(key, (text) => {
          thrown = undefined
          try {
            const before = read<Value>(text)
            const next = change(before)
            result = values(before, next)
            return next === KEEP || next === REMOVE ? next : keep(next)
          } catch (error) {
            // The caller's own error: it must not be taken for one of the store.
            thrown = { error }
            return KEEP
          }
        }),
      )
      if (thrown !== undefined) throw thrown.error
      return result
    },

    async find(index, value, page) {
      requireCount(name, 'limit', page.limit, 1000)
      const { items, ...rest } = await look(() => adapter.find(index, value, page))
      return { items: items.map(readRow<Value>), ...rest }
    },

    async scan(from, limit) {
      requireCount(name, 'limit', limit, 1000)
      return (await look(() => adapter.scan(from, limit))).map(readRow<Value>)
    },

    async purgeExpired(limit) {
      requireCount(name, 'limit', limit, Number.MAX_SAFE_INTEGER)
      return write(() => adapter.purgeExpired(limit))
    },

    async health() {
      const start = performance.now()
      try {
        return await askWithin(Math.min(deadline, HEALTH_DEADLINE), name, () => adapter.health())
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        return { reachable: false, roundTrip: performance.now() - start, problem }
      }
    },

    async size() {
      return ask(() => adapter.size())
    },
  }
}

/** Writes records as Keyv does, with the time at which the store may forget them. */
function keeper<Value extends StoredRecord>({
  name,
  lifetime,
  keepExpired = 0,
  now = Date.now,
}: StoreOptions): (value: Value) => Kept {
  return function keep(value) {
    if (typeof value !== 'object' || value === null || 'then' in value) {
      throw new TypeError(`the store "${name}" keeps objects only, and no promises`)
    }
    if (lifetime === undefined || !(lifetime in value)) return { text: JSON.stringify({ value }) }
    const end = (value as Readonly<Record<string, unknown>>)[lifetime]
    if (end === undefined) return { text: JSON.stringify({ value }) }
    if (!Number.isSafeInteger(end)) {
      throw new RangeError(
        `the store "${name}" was given a record whose ${lifetime} is ${String(end)}; it must be an integer: milliseconds since the epoch`,
      )
    }
    const expires = Number(end) + keepExpired * 1000
    const ttl = expires - now()
    // Keyv takes a ttl of 0 for "for ever".
    if (ttl <= 0) {
      throw new RangeError(
        `the store "${name}" was given a record whose ${lifetime} is over since ${-ttl} ms; it cannot be kept`,
      )
    }
    return { text: JSON.stringify({ value, expires }), ttl }
  }
}

function read<Value>(text: string | undefined): Value | undefined {
  return text === undefined ? undefined : JSON.parse(text).value
}

function readRow<Value>({ key, text }: Entry): Row<Value> {
  return { key, value: JSON.parse(text).value }
}

function values<Value>(
  before: Value | undefined,
  next: ReturnType<Change<Value>>,
): { before?: Value; after?: Value } {
  const after = next === KEEP ? before : next === REMOVE ? undefined : next
  return {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

function requireKey(store: string, key: string): void {
  const fault = faultOfKey(key)
  if (fault === undefined) return
  throw new RangeError(
    `the store "${store}" cannot keep a record under the key ${JSON.stringify(key.slice(0, 80))}: ${fault}`,
  )
}

function requireCount(store: string, what: string, count: number, most: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= most) return
  throw new RangeError(`the store "${store}" was asked with the ${what} ${count}; use 1 to ${most}`)
}
