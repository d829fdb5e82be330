import {
  type Answer,
  type Change,
  type ChangeText,
  type Health,
  KEEP,
  REMOVE,
  type StoreAdapter,
} from './contract.ts'

/** What an embedded collection has to bring; Keyv's other methods follow from it. */
export interface Collection
  extends Pick<StoreAdapter, 'get' | 'find' | 'scan' | 'purgeExpired' | 'size'> {
  get(key: string): string | undefined
  update(key: string, change: ChangeText): Answer<Change>
  /** Removes all records whose key begins so. */
  clear(prefix: string): Answer<void>
}

/** The Keyv storage adapter of a collection that reads without waiting. */
export function adapt(collection: Collection, health: () => Answer<Health>): StoreAdapter {
  const adapter: StoreAdapter = {
    opts: {},
    namespace: undefined,
    on: () => adapter,
    get: (key) => collection.get(key),
    getMany: (keys) => keys.map((key) => collection.get(key)),
    has: (key) => collection.get(key) !== undefined,
    set(key, text, ttl) {
      const kept = ttl === undefined ? { text } : { text, ttl }
      return after(
        collection.update(key, () => kept),
        () => undefined,
      )
    },
    delete(key) {
      const change = (current?: string) => (current === undefined ? KEEP : REMOVE)
      return after(collection.update(key, change), ({ before }) => before !== undefined)
    },
    clear: () => collection.clear(adapter.namespace ? `${adapter.namespace}:` : ''),
    update: (key, change) => collection.update(key, change),
    find: (index, value, page) => collection.find(index, value, page),
    scan: (from, limit) => collection.scan(from, limit),
    purgeExpired: (limit) => collection.purgeExpired(limit),
    health,
    size: () => collection.size(),
  }
  return adapter
}

function after<T, U>(answer: Answer<T>, read: (value: T) => U): Answer<U> {
  return answer instanceof Promise ? answer.then(read) : read(answer)
}
