import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, StoreAdapter } from '../contract.ts'

/** The store that the suite is to judge. */
export interface StoreUnderTest {
  readonly name: string
  /** Opens it, always the same one; what the suite keeps in it, it removes. */
  connect(): Promise<Connection>
  /** Whether records outlive `close`. */
  readonly durable: boolean
}

/** What a case works on. */
export interface Bench {
  /** An adapter of a collection, by default one that nobody else uses. */
  open(indexes?: readonly string[], label?: string): StoreAdapter
  /** Closes the store and opens it again. */
  reopen(): Promise<void>
  readonly connection: Connection
}

export type Case = (bench: Bench) => Promise<void>

/** Proves a case, and cleans up behind it. */
export async function withBench(subject: StoreUnderTest, prove: Case): Promise<void> {
  const run = randomUUID().slice(0, 8)
  const opened = new Map<string, readonly string[]>()
  let connection = await subject.connect()
  const bench: Bench = {
    get connection() {
      return connection
    },
    open(indexes = [], label = String(opened.size)) {
      const name = `suite-${run}-${label}`
      opened.set(name, indexes)
      return connection.collection(name, { indexes })
    },
    async reopen() {
      await connection.close()
      connection = await subject.connect()
    },
  }
  try {
    await prove(bench)
    for (const [name, indexes] of opened) await connection.collection(name, { indexes }).clear()
  } finally {
    await connection.close()
  }
}

/** The text that Keyv would write. */
export function toText(value: unknown): string {
  return JSON.stringify({ value })
}

export function fromText(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text).value
}

/** Sets a record whose time is over when the promise resolves. */
export async function setExpired(store: StoreAdapter, key: string, text: string): Promise<void> {
  await store.set(key, text, 5)
  await expiry(store, key)
}

export async function expiry(store: StoreAdapter, key: string): Promise<void> {
  const end = Date.now() + 10_000
  while ((await store.get(key)) !== undefined) {
    assert.ok(Date.now() < end, `the record "${key}" has not expired within 10 s`)
    await sleep(5)
  }
}

/** Calls it so many times at once. */
export function together<T>(
  times: number,
  call: (position: number) => T | Promise<T>,
): Promise<Awaited<T>[]> {
  return Promise.all(Array.from({ length: times }, async (_, position) => await call(position)))
}

/** Every key of an index, page by page; `between` runs after each page. */
export async function findKeys(
  store: StoreAdapter,
  index: string,
  value: string,
  limit = 100,
  between: (keys: readonly string[]) => Promise<void> = async () => {},
): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.find(
      index,
      value,
      cursor === undefined ? { limit } : { limit, cursor },
    )
    assert.ok(page.items.length <= limit, 'a page is longer than its limit')
    keys.push(...page.items.map(({ key }) => key))
    cursor = page.next
    if (cursor !== undefined) await between(keys)
  } while (cursor !== undefined)
  return keys
}

/** Every key, page by page; `between` runs after each page. */
export async function scanKeys(
  store: StoreAdapter,
  limit = 100,
  between: (keys: readonly string[]) => Promise<void> = async () => {},
): Promise<string[]> {
  const keys: string[] = []
  for (;;) {
    const page = await store.scan(keys.at(-1), limit)
    keys.push(...page.map(({ key }) => key))
    if (page.length < limit) return keys
    await between(keys)
  }
}
