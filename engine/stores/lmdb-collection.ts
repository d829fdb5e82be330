import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Collection } from './adapt.ts'
import { type Entry, KEEP, REMOVE } from './contract.ts'
import type { Environment, KeyRange, Table } from './lmdb-environment.ts'
import {
  expiringKey,
  expiryKey,
  indexKey,
  recordKey,
  seqOf,
  startingWith,
  valuePrefix,
} from './lmdb-keys.ts'
import { openTables, pack, type Stored, unpack } from './lmdb-tables.ts'
import {
  changed,
  expiryAfter,
  indexedValues,
  MOST_COUNTED,
  positionOf,
  readCursor,
} from './record-text.ts'

/** How many entries are looked at before others get their turn. */
const CHUNK = 1000
const FIRST_KEY = Buffer.of(0)

/** A collection: records by key, and entries in the orders in which they are asked for. */
export function openCollection(
  environment: Environment,
  name: string,
  indexes: readonly string[],
): Collection {
  const tables = openTables(environment, name, indexes)
  const { records, index, expiry, sequence } = tables

  return {
    get: (key) => environment.read(() => living(load(key))?.text),

    update(key, change) {
      return environment.write(() => {
        const stored = load(key)
        const before = living(stored)
        const next = change(before?.text)
        if (next === KEEP) return changed(before?.text, before?.text)
        if (next === REMOVE) {
          if (before !== undefined) replace(key, before, undefined)
          return changed(before?.text, undefined)
        }
        const expires = expiryAfter(next.ttl, environment.now())
        const seq = before?.seq ?? sequence.last() + 1
        replace(key, stored, { text: next.text, expires, seq })
        if (before === undefined) sequence.set(seq)
        return changed(before?.text, next.text)
      })
    },

    clear(prefix) {
      return environment.write(() => {
        if (prefix === '') return tables.clear()
        for (const place of [...records.keys(startingWith(Buffer.from(prefix)))]) {
          const key = place.toString()
          replace(key, load(key), undefined)
        }
      })
    },

    async find(property, value, { limit, cursor, total }) {
      positionOf(property, indexes)
      const all = startingWith(valuePrefix(property, value))
      const start = cursor === undefined ? all.start : indexKey(all.start, readCursor(cursor))
      const found = await collect(index, { ...all, start }, limit + 1, (place, entry) => {
        const key = livingKey(entry)
        const record = key === undefined ? undefined : load(key)
        return key && record ? { key, text: record.text, seq: seqOf(place) } : undefined
      })
      const page = found.slice(0, limit)
      const last = found.length > limit ? page.at(-1) : undefined
      const count = total
        ? await collect(index, all, MOST_COUNTED, (_place, entry) => livingKey(entry))
        : undefined
      return {
        items: page.map(({ key, text }) => ({ key, text })),
        ...(last === undefined ? {} : { next: String(last.seq) }),
        ...(count === undefined ? {} : { total: count.length }),
      }
    },

    scan(from, limit) {
      const start = from === undefined ? FIRST_KEY : recordKey(from)
      const { end } = startingWith(Buffer.alloc(0))
      return collect<Entry>(records, { start, end }, limit, (place, packed) => {
        const record = living(unpack(packed))
        return record && { key: place.toString(), text: record.text }
      })
    },

    async purgeExpired(limit) {
      const due = () => [...expiry.keys({ ...expired(), limit })]
      if (environment.read(due).length === 0) return 0
      return environment.write(() => {
        const places = due()
        for (const place of places) {
          const key = expiringKey(place)
          replace(key, load(key), undefined)
        }
        return places.length
      })
    },

    size() {
      return environment.read(() => ({
        records: records.size().entries,
        expired: expiry.count({ ...expired(), limit: MOST_COUNTED }),
        bytes: records.size().bytes + index.size().bytes + expiry.size().bytes,
      }))
    },
  }

  function load(key: string): Stored | undefined {
    const packed = records.get(recordKey(key))
    return packed === undefined ? undefined : unpack(packed)
  }

  function living<T extends { readonly expires: number }>(record: T | undefined): T | undefined {
    return record !== undefined && record.expires > environment.now() ? record : undefined
  }

  /** The key that an index entry leads to, unless the record's time is over. */
  function livingKey(entry: string): string | undefined {
    const { expires, text } = unpack(entry)
    return expires > environment.now() ? text : undefined
  }

  function expired(): KeyRange {
    return { start: expiryKey(0), end: expiryKey(Math.floor(environment.now()) + 1) }
  }

  /** Puts a record in the place of another, either of which may be absent, and its entries likewise. */
  function replace(key: string, old: Stored | undefined, next: Stored | undefined): void {
    const entries = indexChanges(key, old, next)
    for (const place of entries.removed) index.remove(place)
    for (const [place, entry] of entries.added) index.put(place, entry)
    if (old && old.expires !== next?.expires) expiry.remove(expiryKey(old.expires, key))
    if (next && Number.isFinite(next.expires)) expiry.put(expiryKey(next.expires, key), '')
    if (next) records.put(recordKey(key), pack(next))
    else records.remove(recordKey(key))
  }

  function indexChanges(key: string, old: Stored | undefined, next: Stored | undefined) {
    const oldValues = old ? indexedValues(old.text, indexes) : []
    const newValues = next ? indexedValues(next.text, indexes) : []
    const stays = old?.seq === next?.seq && old?.expires === next?.expires
    const removed: Buffer[] = []
    const added: [Buffer, string][] = []
    indexes.forEach((property, position) => {
      const before = oldValues[position]
      const after = newValues[position]
      if (stays && before === after) return
      if (old && before !== undefined) {
        removed.push(indexKey(valuePrefix(property, before), old.seq))
      }
      if (next && after !== undefined) {
        const place = indexKey(valuePrefix(property, after), next.seq)
        added.push([place, pack({ seq: next.seq, expires: next.expires, text: key })])
      }
    })
    return { removed, added }
  }

  /** Walks a range until so many entries are picked. */
  async function collect<T>(
    table: Table,
    { start, end }: KeyRange,
    wanted: number,
    pick: (place: Buffer, text: string) => T | undefined,
  ): Promise<T[]> {
    const picked: T[] = []
    let from = start
    const walk = () => {
      let seen = 0
      for (const { key, text } of table.entries({
        start: from,
        end,
        exclusiveStart: true,
        limit: CHUNK,
      })) {
        from = key
        seen++
        const item = pick(key, text)
        if (item !== undefined) picked.push(item)
        if (picked.length === wanted) return false
      }
      return seen === CHUNK
    }
    while (environment.read(walk)) await nextTurn()
    return picked
  }
}
