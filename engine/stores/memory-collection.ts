import {
  type Change,
  type ChangeText,
  type Entry,
  KEEP,
  type Page,
  type PageRequest,
  REMOVE,
  type Size,
} from './contract.ts'
import { compareKeys } from './key.ts'
import {
  changed,
  expiryAfter,
  indexedValues,
  MOST_COUNTED,
  positionOf,
  readCursor,
} from './record-text.ts'
import { SortedList } from './sorted-list.ts'

interface MemoryRecord extends Entry {
  /** Its place in the order of creation. */
  readonly seq: number
  readonly expires: number
  /** By the position of the index. */
  readonly values: readonly (string | undefined)[]
}

type InCreation = SortedList<Pick<MemoryRecord, 'seq'>, MemoryRecord>

/** The records of one collection in a Map, and beside it the orders in which they are asked for. */
export class MemoryCollection {
  readonly #records = new Map<string, MemoryRecord>()
  readonly #byKey = new SortedList<Pick<MemoryRecord, 'key'>, MemoryRecord>((a, b) =>
    compareKeys(a.key, b.key),
  )
  readonly #byExpiry = new SortedList<Pick<MemoryRecord, 'expires' | 'seq'>, MemoryRecord>(
    (a, b) => a.expires - b.expires || a.seq - b.seq,
  )
  readonly #byValue: readonly Map<string, InCreation>[]
  readonly #indexes: readonly string[]
  readonly #now: () => number
  #created = 0

  constructor(indexes: readonly string[], now: () => number) {
    this.#indexes = indexes
    this.#byValue = indexes.map(() => new Map())
    this.#now = now
  }

  get(key: string): string | undefined {
    return this.#living(this.#records.get(key))?.text
  }

  update(key: string, change: ChangeText): Change {
    const stored = this.#records.get(key)
    const before = this.#living(stored)
    const next = change(before?.text)
    if (next === KEEP) return changed(before?.text, before?.text)
    if (next === REMOVE) {
      if (before !== undefined) this.#remove(before)
      return changed(before?.text, undefined)
    }
    const record = {
      key,
      text: next.text,
      expires: expiryAfter(next.ttl, this.#now()),
      values: indexedValues(next.text, this.#indexes),
      seq: before?.seq ?? this.#created + 1,
    }
    if (stored !== undefined) this.#remove(stored)
    this.#add(record)
    return changed(before?.text, record.text)
  }

  clear(prefix: string): void {
    for (const record of [...this.#records.values()]) {
      if (record.key.startsWith(prefix)) this.#remove(record)
    }
  }

  find(index: string, value: string, { limit, cursor, total }: PageRequest): Page<Entry> {
    const records = this.#byValue[positionOf(index, this.#indexes)]?.get(value)
    const items: MemoryRecord[] = []
    const after = cursor === undefined ? undefined : { seq: readCursor(cursor) }
    for (const record of records?.after(after) ?? []) {
      if (this.#living(record) !== undefined) items.push(record)
      if (items.length > limit) break
    }
    const page = items.slice(0, limit)
    const last = items.length > limit ? page.at(-1) : undefined
    return {
      items: page.map(entryOf),
      ...(last === undefined ? {} : { next: String(last.seq) }),
      ...(total === true ? { total: this.#count(records) } : {}),
    }
  }

  scan(from: string | undefined, limit: number): readonly Entry[] {
    const entries: Entry[] = []
    for (const record of this.#byKey.after(from === undefined ? undefined : { key: from })) {
      if (entries.length === limit) break
      if (this.#living(record) !== undefined) entries.push(entryOf(record))
    }
    return entries
  }

  purgeExpired(limit: number): number {
    const expired: MemoryRecord[] = []
    for (const record of this.#byExpiry.after()) {
      if (expired.length === limit || this.#living(record) !== undefined) break
      expired.push(record)
    }
    for (const record of expired) this.#remove(record)
    return expired.length
  }

  size(): Size {
    let expired = 0
    for (const record of this.#byExpiry.after()) {
      if (this.#living(record) !== undefined || expired === MOST_COUNTED) break
      expired++
    }
    return { records: this.#records.size, expired }
  }

  #living(record: MemoryRecord | undefined): MemoryRecord | undefined {
    return record !== undefined && record.expires > this.#now() ? record : undefined
  }

  #count(records: InCreation | undefined): number {
    let count = 0
    for (const record of records?.after() ?? []) {
      if (this.#living(record) !== undefined && ++count === MOST_COUNTED) break
    }
    return count
  }

  #add(record: MemoryRecord): void {
    this.#created = Math.max(this.#created, record.seq)
    this.#records.set(record.key, record)
    this.#byKey.add(record)
    if (record.expires !== Number.POSITIVE_INFINITY) this.#byExpiry.add(record)
    record.values.forEach((value, position) => {
      if (value === undefined) return
      const found = this.#byValue[position]
      let records = found?.get(value)
      if (records === undefined) {
        records = new SortedList((a, b) => a.seq - b.seq)
        found?.set(value, records)
      }
      records.add(record)
    })
  }

  #remove(record: MemoryRecord): void {
    this.#records.delete(record.key)
    this.#byKey.delete(record)
    if (record.expires !== Number.POSITIVE_INFINITY) this.#byExpiry.delete(record)
    record.values.forEach((value, position) => {
      if (value === undefined) return
      const found = this.#byValue[position]
      const records = found?.get(value)
      records?.delete(record)
      if (records?.isEmpty) found?.delete(value)
    })
  }
}

function entryOf({ key, text }: MemoryRecord): Entry {
  return { key, text }
}
