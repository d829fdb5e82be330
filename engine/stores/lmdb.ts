import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import type { Infer, ObjectSchema } from '../policy/settings.ts'
import { adapt } from './adapt.ts'
import { keepCollections } from './collections.ts'
import { type Connection, type ConnectOptions, type Health, Misuse } from './contract.ts'
import { deadlineSetting } from './deadline.ts'
import { openCollection } from './lmdb-collection.ts'
import type { Environment, Table } from './lmdb-environment.ts'
import { explainFailure, reasonOf } from './lmdb-failure.ts'
import { requireLmdbFile } from './lmdb-file.ts'
import { type Lock, takeLock } from './lock.ts'

export const processes = 'one'

export const settings = {
  type: 'object',
  properties: {
    adapter: { type: 'string', enum: ['lmdb'], description: 'Keeps everything in an LMDB file.' },
    path: { type: 'string', minLength: 1, description: 'The folder; made if it is not there.' },
    deadline: deadlineSetting,
  },
  required: ['adapter', 'path'],
  additionalProperties: false,
} as const satisfies ObjectSchema

const PROBE_KEY = Buffer.from('probe')
const PROBE = ' '.repeat(64 * 1024)

/** Opens the store in that folder: for one process, or, read-only, for as many as like. */
export async function connect(
  { path }: Pick<Infer<typeof settings>, 'path'>,
  options: ConnectOptions = {},
): Promise<Connection> {
  const folder = resolve(path)
  return explaining(folder, () => openFolder(folder, options))
}

function openFolder(folder: string, options: ConnectOptions): Connection {
  const lock = options.readOnly ? undefined : lockFolder(folder)
  try {
    const environment = openEnvironment(folder, options)
    const health = () => environment.health()
    const collection = keepCollections((name, indexes) =>
      openCollection(environment, name, indexes),
    )
    return {
      processes,
      collection: (name, wanted) => adapt(collection(name, wanted), health),
      announce: (management) => lock?.announce(management),
      health,
      async close() {
        await environment.close()
        lock?.release()
      },
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

function lockFolder(folder: string): Lock {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return takeLock(folder)
}

/** Opens the files; without the lock, which is the caller's duty. */
export function openEnvironment(
  folder: string,
  { readOnly = false, now = Date.now }: ConnectOptions,
): Environment & { health(): Promise<Health>; close(): Promise<void> } {
  requireLmdbFile(folder, readOnly)
  const root: RootDatabase<string, Buffer> = open(folder, {
    readOnly,
    // A folder may have a dot in its name, which would otherwise be taken for a file's ending.
    noSubdir: false,
    encoding: 'string',
    keyEncoding: 'binary',
    maxDbs: 1024,
    // Without it pages would carry to disk what else was in memory, such as secrets.
    noMemInit: false,
    // A write is answered when it is on the disk, not before.
    overlappingSync: false,
    // Each batch of an event turn makes a promise that nobody holds; a failing commit would end the process.
    eventTurnBatching: false,
  })
  let closed: Promise<void> | undefined
  let problem: string | undefined

  return { readOnly, now, table, read, write, writeNow, health, close }

  function table(name: string): Table | undefined {
    requireOpen()
    const database: Database<string, Buffer> | undefined = explaining(folder, () =>
      root.openDB(name, { encoding: 'string', keyEncoding: 'binary' }),
    )
    return database && asTable(database)
  }

  function read<T>(work: () => T): T {
    requireOpen()
    // Another process writes; without this its writes would be seen a turn late.
    if (readOnly) root.resetReadTxn()
    return work()
  }

  async function write<T>(work: () => T): Promise<T> {
    requireWritable()
    try {
      return await root.transaction(work)
    } catch (error) {
      const failure = explainFailure(folder, await reasonOf(error))
      if (failure !== error && failure instanceof Error) problem = failure.message
      throw failure
    }
  }

  function writeNow<T>(work: () => T): T {
    requireWritable()
    return explaining(folder, () => root.transactionSync(work))
  }

  async function health(): Promise<Health> {
    const start = performance.now()
    read(() => root.getKeysCount({ limit: 1 }))
    const roundTrip = performance.now() - start
    if (problem !== undefined) await retry()
    return { reachable: true, roundTrip, ...(problem === undefined ? {} : { problem }) }
  }

  /** A problem ends when a large write succeeds: small ones may find room in a file that cannot grow. */
  async function retry(): Promise<void> {
    const probe = () => void root.put(PROBE_KEY, PROBE)
    await write(probe).then(
      () => {
        problem = undefined
      },
      () => {},
    )
  }

  /** Waits for the writes that have begun. */
  function close(): Promise<void> {
    closed ??= readOnly ? root.close() : root.transaction(() => {}).then(end, end)
    return closed
  }

  function end(): Promise<void> {
    return root.close()
  }

  function requireOpen(): void {
    if (closed !== undefined) throw new Error(`the store at ${folder} has been closed`)
  }

  function requireWritable(): void {
    requireOpen()
    if (readOnly) throw new Misuse(`the store at ${folder} was opened for reading only`)
  }
}

function explaining<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw explainFailure(folder, error)
  }
}

function asTable(database: Database<string, Buffer>): Table {
  return {
    get: (key) => database.get(key),
    *entries(range) {
      for (const { key, value } of database.getRange(range)) {
        yield { key: asBuffer(key), text: value }
      }
    },
    *keys(range) {
      for (const key of database.getKeys(range)) yield asBuffer(key)
    },
    // lmdb's own count pays no heed to a limit.
    count: (range) => [...database.getKeys(range)].length,
    size: () => sizeOf(database.getStats() as Statistics),
    put: (key, text) => void database.put(key, text),
    remove: (key) => void database.remove(key),
    clear: () => database.clearSync(),
  }
}

interface Statistics {
  readonly entryCount: number
  readonly pageSize: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}

function sizeOf(statistics: Statistics): { entries: number; bytes: number } {
  const { entryCount, pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = statistics
  return {
    entries: entryCount,
    bytes: pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages),
  }
}

/** lmdb gives keys as plain byte arrays, whatever its types say. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
