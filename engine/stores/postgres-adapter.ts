import { KeyvPostgres } from '@keyv/postgres'
import type { ChangeText, Health, KeyedText, PageRequest, StoreAdapter } from './contract.ts'
import type { PostgresCollection } from './postgres-collection.ts'

/**
 * `@keyv/postgres` for a collection of ours. The library opens a pool for the whole process, whose
 * first lost connection ends it; makes its table once, or never; and deletes in two steps, so that two
 * may win. So it gets neither a pool nor a table to make, and what it would ask is asked here.
 */
export class PostgresAdapter extends KeyvPostgres implements StoreAdapter {
  readonly #collection: PostgresCollection
  readonly #health: () => Promise<Health>

  constructor(table: string, collection: PostgresCollection, health: () => Promise<Health>) {
    super({ table })
    this.#collection = collection
    this.#health = health
    // An EventEmitter throws an error that nobody hears.
    this.on('error', () => {})
  }

  override async connect() {
    return async () => []
  }

  override async disconnect() {}

  override get(key: string) {
    return this.#collection.get(key)
  }

  override getMany(keys: readonly string[]) {
    return this.#collection.getMany(keys)
  }

  override async has(key: string) {
    return (await this.#collection.get(key)) !== undefined
  }

  override set(key: string, text: string, ttl?: number) {
    return this.#collection.set(key, text, ttl)
  }

  override setMany(entries: readonly KeyedText[]) {
    return this.#collection.setMany(entries)
  }

  override delete(key: string) {
    return this.#collection.remove(key)
  }

  override async deleteMany(keys: readonly string[]) {
    return (await Promise.all(keys.map((key) => this.delete(key)))).some(Boolean)
  }

  override clear() {
    return this.#collection.clear(this.namespace ? `${this.namespace}:` : '')
  }

  override async *iterator(namespace?: string) {
    const prefix = namespace ? `${namespace}:` : ''
    const limit = 1000
    for (let from: string | undefined = prefix; from !== undefined; ) {
      const page = await this.scan(from, limit)
      for (const { key, text } of page) {
        if (!key.startsWith(prefix)) return
        yield [key, text]
      }
      from = page.length < limit ? undefined : page.at(-1)?.key
    }
  }

  update(key: string, change: ChangeText) {
    return this.#collection.update(key, change)
  }

  find(index: string, value: string, page: PageRequest) {
    return this.#collection.find(index, value, page)
  }

  scan(from: string | undefined, limit: number) {
    return this.#collection.scan(from, limit)
  }

  purgeExpired(limit: number) {
    return this.#collection.purgeExpired(limit)
  }

  health() {
    return this.#health()
  }

  size() {
    return this.#collection.size()
  }
}
