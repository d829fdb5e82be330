/** Keys from `start`, or from behind it, to before `end`. */
export interface KeyRange {
  readonly start: Buffer
  readonly end: Buffer
  readonly exclusiveStart?: boolean
  readonly limit?: number
}

/** One table of an LMDB environment: texts under bytes, in the order of the bytes. */
export interface Table {
  get(key: Buffer): string | undefined
  entries(range: KeyRange): Iterable<{ readonly key: Buffer; readonly text: string }>
  keys(range: KeyRange): Iterable<Buffer>
  count(range: KeyRange): number
  size(): { readonly entries: number; readonly bytes: number }
  put(key: Buffer, text: string): void
  remove(key: Buffer): void
  clear(): void
}

/** An open LMDB environment, as collections use it. */
export interface Environment {
  readonly readOnly: boolean
  /** Milliseconds since the epoch. */
  now(): number
  /** Opens a table, and makes it unless the environment is read-only; `undefined` if there is none. */
  table(name: string): Table | undefined
  /** All that is read in one go is of one moment, and not older than the call. */
  read<T>(work: () => T): T
  /**
   * Runs the work alone and resolves when what it wrote has been synced to disk. What it wrote before
   * it threw would stay, so it writes last.
   */
  write<T>(work: () => T): Promise<T>
  /** The same, while nobody is served yet. */
  writeNow<T>(work: () => T): T
}
