import { type CollectionOptions, Misuse } from './contract.ts'

/**
 * One collection a name: whoever opens it again gets the same one, and has to name the same indexes,
 * for a writer that knew fewer would leave records that `find` misses.
 */
export function keepCollections<Collection>(
  open: (name: string, indexes: readonly string[]) => Collection,
): (name: string, options: CollectionOptions) => Collection {
  const kept = new Map<string, { indexes: readonly string[]; collection: Collection }>()
  return function openOnce(name, options) {
    const indexes = [...new Set(options.indexes)].sort()
    requireNames(name, indexes)
    const known = kept.get(name)
    if (known === undefined) {
      const collection = open(name, indexes)
      kept.set(name, { indexes, collection })
      return collection
    }
    if (String(known.indexes) !== String(indexes)) {
      throw new Misuse(
        `the collection "${name}" is open with the indexes [${known.indexes}] and cannot be opened again with [${indexes}]; declare the same indexes everywhere`,
      )
    }
    return known.collection
  }
}

function requireNames(collection: string, indexes: readonly string[]): void {
  for (const name of [collection, ...indexes]) {
    if (name === '' || name.length > 100 || /[\p{Cc}\p{Cs},]/u.test(name)) {
      throw new Misuse(
        `${JSON.stringify(name)} cannot name a collection or an index; use 1 to 100 characters without comma and control characters`,
      )
    }
  }
}
