import { copyCheckRecords } from '../kps/check-record.ts'
import { Misuse } from '../stores/contract.ts'
import {
  addDigests,
  copyRecords,
  type Digest,
  digestRecords,
  formatDigest,
  isEmpty,
  NO_RECORDS,
} from '../stores/copy.ts'
import type { OpenServices } from './open.ts'
import type { PlacedCollection } from './tables.ts'

/** Of the living records that outlive `moment`: others may end while they are counted. */
export interface CopyReport {
  readonly collections: readonly { readonly name: string; readonly records: number }[]
  readonly records: number
  readonly digest: string
  /** ISO 8601 */
  readonly moment: string
}

/** Milliseconds between the count and the moment that the counted records must outlive. */
const MARGIN = 60_000

/**
 * A copy goes into empty stores, or goes on where another was not finished.
 *
 * @throws Misuse naming the collection that has records
 */
export async function requireCopyTarget(target: OpenServices): Promise<void> {
  const states = await Promise.all([...target.locks.values()].map((lock) => lock.look()))
  if (states.every((lock) => lock?.state === 'unfinished')) return
  for (const { name, adapter } of target.collections) {
    if (await isEmpty(adapter)) continue
    throw new Misuse(
      `the target has records in "${name}" already; copy into an empty database, prefix or folder`,
    )
  }
}

/**
 * Shuts the target until it is complete.
 *
 * @throws Misuse naming the collection that has no place there
 */
export async function shutCopyTarget(source: OpenServices, target: OpenServices): Promise<void> {
  pairCollections(source.collections, target.collections)
  await Promise.all([...target.locks.values()].map((lock) => lock.set('unfinished')))
}

/**
 * Copies everything that is in locked stores into shut ones, which it empties of what an earlier
 * attempt has left; reads both again to compare, and opens the target.
 *
 * @throws Error where they differ; the target stays shut
 */
export async function copyStores(
  source: OpenServices,
  target: OpenServices,
  onProgress: (records: number) => void,
): Promise<CopyReport> {
  const pairs = pairCollections(source.collections, target.collections)
  for (const { adapter } of target.collections) await adapter.clear()
  for (const { from, to } of pairs) await copyRecords(from, to, onProgress)
  await copyCheckRecords(source.connections.values(), target.connections.values())
  const report = await compare(pairs)
  await Promise.all([...target.locks.values()].map((lock) => lock.release()))
  return report
}

interface Pair {
  readonly name: string
  readonly from: PlacedCollection['adapter']
  readonly to: PlacedCollection['adapter']
}

function pairCollections(
  source: readonly PlacedCollection[],
  target: readonly PlacedCollection[],
): readonly Pair[] {
  const places = new Map(target.map(({ name, adapter }) => [name, adapter]))
  return source.map(({ name, adapter }) => {
    const to = places.get(name)
    if (to) return { name, from: adapter, to }
    throw new Misuse(
      `the target has no "${name}"; its gateway.json must differ in "stores" only, so that every table and token store has a place`,
    )
  })
}

/** A record that ends between the two readings would be a difference, so those about to end are left out. */
async function compare(pairs: readonly Pair[], margin = MARGIN): Promise<CopyReport> {
  const moment = Date.now() + margin
  const collections: { name: string; records: number }[] = []
  let all: Digest = NO_RECORDS
  for (const { name, from, to } of pairs) {
    const before = await digestRecords(name, from, moment)
    const after = await digestRecords(name, to, moment)
    if (Date.now() >= moment) return compare(pairs, margin * 4)
    requireEqual(name, before, after)
    collections.push({ name, records: before.records })
    all = addDigests(all, before)
  }
  const digest = formatDigest(all)
  return { collections, records: all.records, digest, moment: new Date(moment).toISOString() }
}

function requireEqual(collection: string, source: Digest, target: Digest): void {
  if (source.records === target.records && source.sum === target.sum) return
  const tell = (digest: Digest) =>
    `${digest.records} records with the digest ${formatDigest(digest)}`
  throw new Error(
    `"${collection}" differs: the source has ${tell(source)}, the target ${tell(target)}; the target stays shut, so find out who wrote to either and copy again`,
  )
}
