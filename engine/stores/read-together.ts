import type { StoredRecord } from './contract.ts'

/** One record that is wanted. */
export interface Read {
  readonly store: { get(key: string): Promise<StoredRecord | undefined> }
  readonly key: string
}

type Found<R> = R extends { readonly store: { get(key: string): Promise<infer Value> } }
  ? Value
  : never

/**
 * Reads records of several stores at once, so that they cost the time of one round trip. Where one
 * of the stores cannot answer, none of the answers counts.
 *
 * @example
 * const [order, customer] = await readTogether([
 *   { store: orders, key: '17' },
 *   { store: customers, key: 'john' },
 * ])
 */
export async function readTogether<const Reads extends readonly Read[]>(
  reads: Reads,
): Promise<{ -readonly [Position in keyof Reads]: Found<Reads[Position]> }> {
  const found = await Promise.all(reads.map(({ store, key }) => store.get(key)))
  return found as { -readonly [Position in keyof Reads]: Found<Reads[Position]> }
}
