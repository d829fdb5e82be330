import { createHash } from 'node:crypto'
import type { Entry, KeyedText, StoreAdapter } from './contract.ts'

const PAGE = 1000
/** Enough to share a disk's sync, and few enough to be answered within a deadline. */
const AT_ONCE = 100

/** Adds up to the same whatever the order of the records. */
export interface Digest {
  readonly records: number
  /** The sum of the SHA-256 of each key and text, modulo 2²⁵⁶. */
  readonly sum: bigint
}

export const NO_RECORDS: Digest = { records: 0, sum: 0n }

/**
 * Copies the living records of a collection, texts and ends of life as they are. Their order of
 * creation is not kept.
 */
export async function copyRecords(
  from: StoreAdapter,
  to: StoreAdapter,
  onPage: (records: number) => void = () => {},
): Promise<void> {
  for await (const page of pagesOf(from)) {
    const living = page.map(withLife).filter(({ ttl = 1 }) => ttl > 0)
    if (to.setMany) await to.setMany(living)
    else await setEach(living, to)
    onPage(page.length)
  }
}

async function setEach(entries: readonly KeyedText[], to: StoreAdapter): Promise<void> {
  const waiting = entries.values()
  const work = async () => {
    for (const { key, value, ttl } of waiting) await to.set(key, value, ttl)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

function withLife({ key, text }: Entry): KeyedText {
  const end = endOf(text)
  return { key, value: text, ...(end !== undefined && { ttl: end - Date.now() }) }
}

/** Of the records of a collection that outlive a moment (milliseconds since the epoch). */
export async function digestRecords(
  collection: string,
  adapter: StoreAdapter,
  moment: number,
): Promise<Digest> {
  let digest = NO_RECORDS
  for await (const page of pagesOf(adapter)) {
    for (const { key, text } of page) {
      if ((endOf(text) ?? Number.POSITIVE_INFINITY) <= moment) continue
      digest = addDigests(digest, { records: 1, sum: hashOf(collection, key, text) })
    }
  }
  return digest
}

export function addDigests(one: Digest, other: Digest): Digest {
  return {
    records: one.records + other.records,
    sum: BigInt.asUintN(256, one.sum + other.sum),
  }
}

/** As people compare it. */
export function formatDigest({ sum }: Digest): string {
  return sum.toString(16).padStart(64, '0')
}

export async function isEmpty(adapter: StoreAdapter): Promise<boolean> {
  return (await adapter.scan(undefined, 1)).length === 0
}

async function* pagesOf(adapter: StoreAdapter): AsyncGenerator<readonly Entry[]> {
  let from: string | undefined
  for (;;) {
    const page = await adapter.scan(from, PAGE)
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    from = page.at(-1)?.key
  }
}

/** Names and keys have no NUL. */
function hashOf(collection: string, key: string, text: string): bigint {
  const hash = createHash('sha256').update(`${collection}\0${key}\0${text}`)
  return BigInt(`0x${hash.digest('hex')}`)
}

/** When the store may let the record go, as Keyv writes it. */
function endOf(text: string): number | undefined {
  const end: unknown = JSON.parse(text).expires
  return typeof end === 'number' ? end : undefined
}
