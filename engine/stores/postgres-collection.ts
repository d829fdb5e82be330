import {
  type Change,
  type ChangeText,
  type Entry,
  KEEP,
  type KeyedText,
  type Page,
  type PageRequest,
  REMOVE,
  type Size,
} from './contract.ts'
import { faultOfKey } from './key.ts'
import { settleOrder } from './postgres-order.ts'
import type { Ask, Database, Row } from './postgres-pool.ts'
import { INDEXED_LENGTH, MOST_SIZED, type Statements, searched } from './postgres-statements.ts'
import type { Prepared } from './postgres-tables.ts'
import { changed, expiryAfter, positionOf, readCursor } from './record-text.ts'
import { takeTurns } from './turns.ts'

export interface CollectionParts {
  readonly database: Database
  readonly statements: Statements
  readonly indexes: readonly string[]
  readonly prepared: Prepared
  /** A look-up that shares its round trip with others. */
  look(statements: Statements, key: string): Promise<string | undefined>
  now(): number
  /** Milliseconds after which nobody waits for an answer any more. */
  readonly deadline: number
}

/** Without a lock; then it is a contest with other processes that only a lock ends. */
const FREE_ATTEMPTS = 4
const CLEARED_AT_ONCE = 5000

export type PostgresCollection = ReturnType<typeof openCollection>

/** The records of one collection, in a table of their own. */
export function openCollection({
  database,
  statements,
  indexes,
  prepared,
  look,
  now,
  deadline,
}: CollectionParts) {
  const inTurn = takeTurns()
  const settle = settleOrder(ask, statements, deadline / 2)

  return { get, getMany, set, setMany, remove, clear, update, find, scan, purgeExpired, size }

  async function ask(statement: string, values: readonly unknown[] = []) {
    await prepared.tableReady.pass()
    return database.ask(statement, values)
  }

  async function get(key: string): Promise<string | undefined> {
    const preparing = prepared.tableReady.pass()
    if (preparing !== undefined) await preparing
    // It shares its statement with others, who must not fail for it.
    return faultOfKey(key) === undefined ? look(statements, key) : undefined
  }

  async function getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    if (keys.length === 0) return []
    const { rows } = await ask(statements.getMany, [keys, now()])
    const texts = new Map(rows.map(({ key, value }) => [key, String(value)]))
    return keys.map((key) => texts.get(key))
  }

  async function set(key: string, text: string, ttl?: number): Promise<void> {
    const time = now()
    await ask(statements.set, [key, text, expiryColumn(ttl, time), time])
  }

  async function setMany(entries: readonly KeyedText[]): Promise<void> {
    const time = now()
    const last = [...new Map(entries.map((entry) => [entry.key, entry])).values()]
    const texts = last.map(({ value }) => value)
    const ends = last.map(({ ttl }) => expiryColumn(ttl, time))
    await ask(statements.setMany, [last.map(({ key }) => key), texts, ends, time])
  }

  async function remove(key: string): Promise<boolean> {
    return (await ask(statements.delete, [key, now()])).count === 1
  }

  async function clear(prefix: string): Promise<void> {
    for (;;) {
      const { count } = await ask(statements.clear, [prefix, CLEARED_AT_ONCE])
      if (count < CLEARED_AT_ONCE) return
    }
  }

  /** Of this process one at a time; others are noticed by what they changed. */
  function update(key: string, change: ChangeText): Promise<Change> {
    const end = performance.now() + deadline
    return inTurn(key, async () => {
      for (let attempt = 0; attempt < FREE_ATTEMPTS; attempt++) {
        requireTime(end)
        const done = await changeOnce(ask, key, change, () => get(key))
        if (done !== undefined) return done
      }
      return database.transaction((asking) => changeLocked(asking, key, change, end))
    })
  }

  async function changeLocked(
    asking: Ask,
    key: string,
    change: ChangeText,
    end: number,
  ): Promise<Change> {
    for (;;) {
      requireTime(end)
      // An absent row cannot be locked: another may make it first.
      const done = await changeOnce(asking, key, change, async () =>
        livingText((await asking(statements.lock, [key])).rows[0]),
      )
      if (done !== undefined) return done
    }
  }

  /** One statement that has an effect only if the record is still what was read. */
  async function changeOnce(
    asking: Ask,
    key: string,
    change: ChangeText,
    read: () => Promise<string | undefined>,
  ): Promise<Change | undefined> {
    const before = await read()
    const next = change(before)
    if (next === KEEP) return changed(before, before)
    if (next === REMOVE) {
      const gone =
        before === undefined || (await asking(statements.remove, [key, before])).count > 0
      return gone ? changed(before, undefined) : undefined
    }
    const time = now()
    const expires = expiryColumn(next.ttl, time)
    const { count } =
      before === undefined
        ? await asking(statements.make, [key, next.text, expires, time])
        : await asking(statements.replace, [key, before, next.text, expires])
    return count > 0 ? changed(before, next.text) : undefined
  }

  function livingText(row: Row | undefined): string | undefined {
    if (row === undefined) return undefined
    return row.expires === null || Number(row.expires) > now() ? String(row.value) : undefined
  }

  async function find(index: string, value: string, page: PageRequest): Promise<Page<Entry>> {
    positionOf(index, indexes)
    const after = page.cursor === undefined ? 0 : readCursor(page.cursor)
    await prepared.indexesReady.pass()
    let rows = await readPage(index, value, after, page.limit)
    const last = rows[page.limit - 1]
    if (rows.length > page.limit && last !== undefined && (await settle(Number(last.created)))) {
      rows = await readPage(index, value, after, page.limit)
    }
    const shown = rows.slice(0, page.limit)
    const next = rows.length > page.limit ? shown.at(-1)?.created : undefined
    return {
      items: shown.map(entryOf),
      ...(next === undefined ? {} : { next: String(next) }),
      ...(page.total === true ? { total: await count(index, value) } : {}),
    }
  }

  async function readPage(index: string, value: string, after: number, limit: number) {
    const { rows } = await ask(statements.find(index), [...match(value), after, now(), limit + 1])
    return rows
  }

  async function count(index: string, value: string): Promise<number> {
    const { rows } = await ask(statements.count(index), [...match(value), now()])
    return Number(rows[0]?.count)
  }

  async function scan(from = '', limit: number): Promise<readonly Entry[]> {
    return (await ask(statements.scan, [from, now(), limit])).rows.map(entryOf)
  }

  async function purgeExpired(limit: number): Promise<number> {
    return (await ask(statements.purge, [now(), limit])).count
  }

  async function size(): Promise<Size> {
    const { rows } = await ask(statements.size, [now()])
    const { counted, estimated, expired, bytes } = rows[0] ?? {}
    const records =
      Number(counted) > MOST_SIZED ? Math.max(Number(counted), Number(estimated)) : Number(counted)
    return { records, expired: Number(expired), bytes: Number(bytes) }
  }
}

function entryOf({ key, value }: Row): Entry {
  return { key: String(key), text: String(value) }
}

function expiryColumn(ttl: number | undefined, now: number): number | null {
  const expires = expiryAfter(ttl, now)
  return Number.isFinite(expires) ? expires : null
}

/** The value as it is looked up, and whether its index entry says all of it. */
function match(value: string): readonly [string, boolean] {
  const text = searched(value)
  // An object or an array, which are not indexed, would read like a text that begins so.
  return [text, text.length < INDEXED_LENGTH && !/^[[{]/.test(text)]
}

function requireTime(end: number): void {
  if (performance.now() > end) throw new Error('its turn came too late: others change that record')
}
