import { createHash } from 'node:crypto'
import { Misuse } from './contract.ts'
import { indexedValues } from './record-text.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { Line } from './redis-line.ts'
import type { Listed } from './redis-listings.ts'
import { completeIndexes, declare, relist } from './redis-scripts.ts'

/** The indexes that a collection has, whoever wanted them. */
export interface Indexes {
  readonly names: readonly string[]
  /** As the server has them; a write under another list is not done. */
  readonly text: string
}

export interface Catalogue {
  /** The indexes under which a record has to be listed. */
  current(): Promise<Indexes>
  /** The server has other indexes than `current` said. */
  forget(): void
  /** Resolves when every record is listed under that index. */
  complete(index: string): Promise<void>
}

/**
 * Other processes may have been started with other indexes. All keep all that anybody has ever wanted,
 * so that no index misses a record. Records that are older than an index are listed by who wants it.
 */
export function openCatalogue(
  line: Line,
  keys: RedisKeys,
  wanted: readonly string[],
  records: { readonly readOnly: boolean; all(): AsyncIterable<readonly Listed[]> },
): Catalogue {
  let known: { readonly indexes: Promise<Indexes>; readonly generation: number } | undefined
  let whole = new Set<string>()
  let building: Promise<void> | undefined

  return { current, forget, complete }

  function current(): Promise<Indexes> {
    // After a restart the server may be what it was before.
    if (known?.generation === line.generation()) return known.indexes
    const indexes = announce()
    known = { indexes, generation: line.generation() }
    indexes.catch(forget)
    return indexes
  }

  function forget(): void {
    known = undefined
  }

  async function announce(): Promise<Indexes> {
    const places = [keys.indexes, keys.complete]
    const answer = records.readOnly
      ? await line.send(keys.indexes, ['MGET', ...places])
      : await line.run(declare, [...places, keys.keys], wanted)
    const [text, done] = answer as readonly (string | null)[]
    whole = new Set(JSON.parse(done ?? '[]'))
    return { names: JSON.parse(text ?? '[]'), text: text ?? '' }
  }

  async function complete(index: string): Promise<void> {
    const indexes = await current()
    if (whole.has(index)) return
    if (records.readOnly) {
      throw new Misuse(
        `the collection is not indexed by ${index}; start a gateway that declares it`,
      )
    }
    building ??= build(indexes).finally(() => {
      building = undefined
    })
    await building
  }

  async function build(indexes: Indexes): Promise<void> {
    for await (const page of records.all()) {
      await Promise.all(page.map(({ key, stored }) => list(key, stored, indexes)))
    }
    await line.run(completeIndexes, [keys.complete], wanted)
    for (const index of wanted) whole.add(index)
  }

  /** Where it is refused, somebody has written the record meanwhile, and has listed it. */
  function list(key: string, stored: string, { names, text }: Indexes): Promise<unknown> {
    const places = placesOf(stored.slice(stored.indexOf(' ') + 1), names)
    return line.run(
      relist,
      [keys.record(key), keys.places, keys.keys, keys.ends, keys.indexes],
      [key, keys.place(''), text, stored, ...places],
    )
  }
}

/** The sets that list a record. */
export function placesOf(text: string, names: readonly string[]): readonly string[] {
  return indexedValues(text, names).flatMap((value, position) =>
    value === undefined ? [] : [placeOf(names[position] ?? '', value)],
  )
}

/** Values may be long, and are nobody's business who looks at the keys of a server. */
export function placeOf(index: string, value: string): string {
  const name = JSON.stringify([index, value])
  return createHash('sha256').update(name).digest('base64url').slice(0, 22)
}
