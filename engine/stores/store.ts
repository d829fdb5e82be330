import type { Health, KEEP, Page, PageRequest, REMOVE, Size, StoredRecord } from './contract.ts'

/** A record under its key. */
export interface Row<Value> {
  readonly key: string
  readonly value: Value
}

/** Pure and synchronous; it may run several times. `undefined` stands for an absent record. */
export type Change<Value> = (current: Value | undefined) => Value | typeof REMOVE | typeof KEEP

/**
 * One collection of records, as the rest of the house uses it. Every call has a deadline; where the
 * store does not answer, it throws `Unavailable`. A record's life stands in the record: the option
 * `lifetime` names the property (milliseconds since the epoch) after which it is gone, or, with
 * `keepExpired`, after which it is only kept to tell "expired" from "unknown".
 */
export interface Store<Value extends StoredRecord = StoredRecord> {
  readonly name: string
  get(key: string): Promise<Value | undefined>
  getMany(keys: readonly string[]): Promise<readonly (Value | undefined)[]>
  set(key: string, value: Value): Promise<void>
  /** True for the one caller who took it away. */
  delete(key: string): Promise<boolean>
  update(key: string, change: Change<Value>): Promise<{ before?: Value; after?: Value }>
  find(index: string, value: string, page: PageRequest): Promise<Page<Row<Value>>>
  scan(from: string | undefined, limit: number): Promise<readonly Row<Value>[]>
  purgeExpired(limit: number): Promise<number>
  health(): Promise<Health>
  size(): Promise<Size>
}
