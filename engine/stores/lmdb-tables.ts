import { Misuse } from './contract.ts'
import type { Environment, Table } from './lmdb-environment.ts'
import { indexKey, ofIndex, recordKey, valuePrefix } from './lmdb-keys.ts'
import { indexedValues } from './record-text.ts'

/** What stands under a key: in the records Keyv's text, in an index the key of a record. */
export interface Stored {
  /** Its place in the order of creation. */
  readonly seq: number
  /** Milliseconds since the epoch, or Infinity. */
  readonly expires: number
  readonly text: string
}

export function pack({ seq, expires, text }: Stored): string {
  return `${seq}:${Number.isFinite(expires) ? expires : ''}:${text}`
}

export function unpack(packed: string): Stored {
  const first = packed.indexOf(':')
  const second = packed.indexOf(':', first + 1)
  return {
    seq: Number(packed.slice(0, first)),
    expires: second === first + 1 ? Infinity : Number(packed.slice(first + 1, second)),
    text: packed.slice(second + 1),
  }
}

/** Opens the tables of a collection, with its indexes as they are declared now. */
export function openTables(environment: Environment, name: string, indexes: readonly string[]) {
  const open = (part: string): Table => {
    const table = environment.table(`${name}/${part}`)
    if (table !== undefined) return table
    throw new Misuse(`there is no collection "${name}" yet; start the gateway once to make it`)
  }
  const [records, index, expiry, about] = ['records', 'index', 'expiry', 'about'].map(open)
  if (!records || !index || !expiry || !about) throw new Error('unreachable')
  matchIndexes(environment, name, { records, index, about }, indexes)
  const lastSeq = Buffer.from('sequence')
  return {
    records,
    index,
    expiry,
    sequence: {
      last: () => Number(about.get(lastSeq) ?? 0),
      set: (seq: number) => about.put(lastSeq, String(seq)),
    },
    clear() {
      for (const table of [records, index, expiry]) table.clear()
    },
  }
}

/** Records written before an index was declared get their entries now, or `find` would miss them. */
function matchIndexes(
  environment: Environment,
  name: string,
  { records, index, about }: { records: Table; index: Table; about: Table },
  declared: readonly string[],
): void {
  const place = Buffer.from('indexes')
  const built: string[] = environment.read(() => JSON.parse(about.get(place) ?? '[]'))
  const missing = declared.filter((property) => !built.includes(property))
  const dropped = built.filter((property) => !declared.includes(property))
  if (environment.readOnly) {
    if (missing.length === 0) return
    throw new Misuse(
      `the collection "${name}" has no index ${missing.join(', ')} yet; start the gateway once to build it`,
    )
  }
  if (missing.length + dropped.length === 0) return
  environment.writeNow(() => {
    for (const property of dropped) {
      for (const key of [...index.keys(ofIndex(property))]) index.remove(key)
    }
    if (missing.length > 0) addEntries(records, index, missing)
    about.put(place, JSON.stringify(declared))
  })
}

function addEntries(records: Table, index: Table, properties: readonly string[]): void {
  const all = { start: Buffer.of(0), end: Buffer.of(0xff) }
  for (const key of [...records.keys(all)].map(String)) {
    const record = unpack(records.get(recordKey(key)) ?? '')
    indexedValues(record.text, properties).forEach((value, position) => {
      const property = properties[position]
      if (value === undefined || property === undefined) return
      index.put(indexKey(valuePrefix(property, value), record.seq), pack({ ...record, text: key }))
    })
  }
}
