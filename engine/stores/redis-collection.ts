import { randomUUID } from 'node:crypto'
import { setTimeout as rest } from 'node:timers/promises'
import {
  type Change,
  type ChangeText,
  type Entry,
  KEEP,
  type Kept,
  Misuse,
  REMOVE,
  type StoreAdapter,
} from './contract.ts'
import { changed, expiryAfter, positionOf, readCursor } from './record-text.ts'
import { openCatalogue, placeOf, placesOf } from './redis-indexes.ts'
import { keysOf } from './redis-keys.ts'
import type { Line } from './redis-line.ts'
import { openListings } from './redis-listings.ts'
import * as scripts from './redis-scripts.ts'
import { takeTurns } from './turns.ts'

export interface RedisSettings {
  readonly prefix: string
  readonly deadline: number
  readonly readOnly: boolean
  now(): number
  /** Whether `now` is the time. Otherwise Redis cannot know when to let a record go. */
  readonly isTime: boolean
}

/** What a collection does, whatever the namespace of Keyv. */
export interface RedisCollection
  extends Omit<StoreAdapter, 'opts' | 'namespace' | 'on' | 'clear' | 'health'> {
  /** Removes all records whose key begins so. */
  clear(start: string): Promise<void>
}

/** Every removal in one step stops everybody else; these take some milliseconds. */
const BATCH = 500
/** Nobody waits for a purge, and everybody for a step of it: this takes half a millisecond. */
const PURGED_AT_ONCE = 50
/** Milliseconds between two such steps, so that a slow server is purged before the deadline. */
const LONGEST_REST = 20
/** Expired records are counted so far, and no further. */
const MOST_COUNTED = 10_000

const LATE = 'the server took it up after its deadline'

/** A collection in Redis. Each write is one step there; see `redis-scripts.ts`. */
export function openRedisCollection(
  line: Line,
  name: string,
  indexes: readonly string[],
  settings: RedisSettings,
): RedisCollection {
  const { now, deadline } = settings
  const keys = keysOf(settings.prefix, name)
  const listings = openListings(line, keys, now)
  const { readOnly } = settings
  const catalogue = openCatalogue(line, keys, indexes, { readOnly, all: listings.all })
  const inTurn = takeTurns()
  const lists = [keys.places, keys.keys, keys.ends]
  const purger = randomUUID()

  return {
    get,
    getMany: (wanted) => Promise.all(wanted.map(get)),
    has: async (key) => (await get(key)) !== undefined,

    async set(key, text, ttl) {
      await write(key, ttl === undefined ? { text } : { text, ttl }, untilDeadline())
    },

    async delete(key) {
      return (await write(key, REMOVE, untilDeadline())).stored !== ''
    },

    update: (key, change) => {
      const until = untilDeadline()
      return inTurn(key, () => update(key, change, until))
    },

    async clear(start) {
      requireWritable()
      const words = [keys.place(''), keys.record(''), start, String(BATCH)]
      const clearSome = () => line.run(scripts.clear, lists, [...words, untilDeadline().there])
      let removed: unknown
      do removed = await clearSome()
      while (removed === BATCH)
      if (removed === -1) throw line.renew(new Error(LATE))
    },

    async find(index, value, { limit, cursor, total }) {
      positionOf(index, indexes)
      const from = cursor === undefined ? '-inf' : `(${readCursor(cursor)}`
      await catalogue.complete(index)
      const place = keys.place(placeOf(index, value))
      const [found, count] = await Promise.all([
        listings.read('number', place, from, limit + 1),
        total ? listings.count(place) : undefined,
      ])
      const page = found.slice(0, limit)
      const last = found.length > limit ? page.at(-1) : undefined
      return {
        items: page.map(entryOf),
        ...(last === undefined ? {} : { next: last.number }),
        ...(count === undefined ? {} : { total: count }),
      }
    },

    async scan(from, limit) {
      const found = await listings.read(
        'key',
        keys.keys,
        from === undefined ? '-' : `(${from}`,
        limit,
      )
      return found.map(entryOf)
    },

    async purgeExpired(limit) {
      requireWritable()
      let removed = 0
      for (;;) {
        const most = Math.min(PURGED_AT_ONCE, limit - removed)
        const goesOn = removed + most < limit ? 'more' : ''
        const words = [keys.place(''), keys.record(''), String(now()), String(most), purger, goesOn]
        const start = performance.now()
        const batch = Number(await line.run(scripts.purge, [...lists, keys.purger], words))
        removed += batch
        if (batch < most || removed === limit) return removed
        await rest(Math.min(LONGEST_REST, 3 * (performance.now() - start)))
      }
    },

    async size() {
      const [records, expired] = await Promise.all([
        line.send(keys.places, ['HLEN', keys.places]),
        line.send(keys.ends, ['ZCOUNT', keys.ends, '-inf', String(now())]),
      ])
      return { records: Number(records), expired: Math.min(Number(expired), MOST_COUNTED + 1) }
    },
  }

  async function get(key: string): Promise<string | undefined> {
    return livingText(await line.get(keys.record(key)))
  }

  function livingText(stored: string | undefined): string | undefined {
    if (!stored) return undefined
    const { end, text } = unpack(stored)
    return end > now() ? text : undefined
  }

  /** Time in which a command that was given now may be run. */
  function untilDeadline(): { readonly here: number; readonly there: string } {
    return { here: performance.now() + deadline, there: String(line.serverTime(deadline)) }
  }

  type Until = ReturnType<typeof untilDeadline>

  async function update(key: string, change: ChangeText, until: Until): Promise<Change> {
    let stored = (await line.get(keys.record(key))) ?? ''
    for (;;) {
      const before = livingText(stored)
      const next = change(before)
      if (next === KEEP) return changed(before, before)
      if (next === REMOVE && before === undefined) return {}
      const answer = await write(key, next, until, stored)
      if (answer.done && (next !== REMOVE || answer.stored !== '')) {
        return changed(before, next === REMOVE ? undefined : next.text)
      }
      // Another process was faster, or its time is over.
      stored = answer.done ? '' : answer.stored
    }
  }

  async function write(
    key: string,
    next: Kept | typeof REMOVE,
    until: Until,
    expected?: string,
  ): Promise<{ readonly done: boolean; readonly stored: string }> {
    requireWritable()
    const end = next === REMOVE ? Number.POSITIVE_INFINITY : expiryAfter(next.ttl, now())
    for (;;) {
      if (performance.now() > until.here) throw new Error(`it took more than ${deadline} ms`)
      const { names, text } = await catalogue.current()
      const [status, stored = ''] = (await line.run(
        scripts.write,
        [keys.record(key), ...lists, keys.sequence, keys.indexes],
        [
          ...[key, keys.place(''), String(now()), until.there, text],
          ...(expected === undefined ? ['whatever', ''] : ['if', expected]),
          ...(next === REMOVE ? ['', '-', ''] : [...pack(end, next)]),
          ...(next === REMOVE ? [] : placesOf(next.text, names)),
        ],
      )) as readonly string[]
      if (status === 'done' || status === 'other') return { done: status === 'done', stored }
      if (status === 'indexes') catalogue.forget()
      else throw line.renew(new Error(LATE))
    }
  }

  function pack(end: number, { text, ttl }: Kept): readonly [string, string, string] {
    const last = Number.isFinite(end) ? String(end) : '-'
    const letGo = ttl !== undefined && settings.isTime ? String(Math.ceil(ttl)) : ''
    return [`${last} ${text}`, last, letGo]
  }

  function requireWritable(): void {
    if (readOnly) throw new Misuse('the Redis store was opened for reading only')
  }
}

function unpack(stored: string): { readonly end: number; readonly text: string } {
  const space = stored.indexOf(' ')
  const last = stored.slice(0, space)
  return {
    end: last === '-' ? Number.POSITIVE_INFINITY : Number(last),
    text: stored.slice(space + 1),
  }
}

function entryOf({ key, stored }: { readonly key: string; readonly stored: string }): Entry {
  return { key, text: unpack(stored).text }
}
