import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectOptions } from './contract.ts'
import { makeGate } from './postgres-gate.ts'
import type { Ask, Database } from './postgres-pool.ts'
import { makeTables, type Prepared, type Task, type Wanted } from './postgres-tables.ts'

export interface Migration {
  prepare(wanted: Wanted): Prepared
  /** Why tables or indexes are not ready, or what is wrong with the server. */
  problem(): { readonly text: string; readonly usable: boolean } | undefined
  /** What the server says of keeping what it has acknowledged. */
  durability(): string | undefined
  stop(): void
}

const PAUSE = 500

/** Makes tables and indexes, and tries again until the server is there and lets it. */
export function startMigration(
  database: Database,
  schema: string,
  { readOnly = false, production = false, warn = () => {} }: ConnectOptions,
): Migration {
  let tasks: Task[] = []
  let failure: Error | undefined
  let server: Inspected | undefined
  let running = false
  const stopping = new AbortController()

  return {
    prepare(wanted) {
      const task = { ...wanted, tableReady: makeGate(), indexesReady: makeGate() }
      tasks.push(task)
      // Collections are opened together, and made together.
      if (!running) queueMicrotask(run)
      running = true
      return task
    },
    problem() {
      const usable = tasks.every(({ tableReady }) => tableReady.isOpen)
      if (failure !== undefined) return { text: failure.message, usable }
      if (!usable) return { text: 'its tables are being made', usable }
      if (tasks.length > 0) return { text: 'its indexes are being built', usable: true }
      return server?.risk === undefined ? undefined : { text: server.risk, usable: true }
    },
    durability: () => server?.durability,
    stop: () => stopping.abort(),
  }

  async function run(): Promise<void> {
    while (tasks.length > 0 && !stopping.signal.aborted) {
      const attempted = [...tasks]
      try {
        for (const task of attempted) retry(task)
        await attempt(attempted)
        failure = undefined
        tasks = tasks.filter((task) => !attempted.includes(task))
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error))
        for (const task of attempted) shut(task, failure)
        await sleep(PAUSE, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
      }
    }
    running = false
  }

  async function attempt(attempted: readonly Task[]): Promise<void> {
    const session = await database.session()
    try {
      await inspect(session.ask)
      await makeTables(session, schema, attempted, { readOnly, signal: stopping.signal })
    } finally {
      // Its end gives the lock back.
      session.end()
    }
  }

  async function inspect(ask: Ask): Promise<void> {
    const found = await inspectServer(ask)
    if (found.risk !== undefined && production) {
      throw new Error(`${found.risk}; set it to on, or run without NODE_ENV=production`)
    }
    if (found.risk !== undefined && server === undefined) warn(found.risk)
    server = found
  }
}

function retry({ tableReady, indexesReady }: Task): void {
  tableReady.retry()
  indexesReady.retry()
}

function shut({ tableReady, indexesReady }: Task, reason: Error): void {
  tableReady.shut(reason)
  indexesReady.shut(reason)
}

interface Inspected {
  readonly durability: string
  readonly risk?: string
}

/** What would break promises: an encoding that keeps not every text, writes that a crash may undo. */
async function inspectServer(ask: Ask): Promise<Inspected> {
  const { rows } = await ask(
    `SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commits`,
  )
  const { encoding, fsync, commits } = rows[0] ?? {}
  if (encoding !== 'UTF8') {
    throw new Error(`the encoding of the database is ${encoding}; create one with ENCODING 'UTF8'`)
  }
  const durability = `fsync ${fsync}, synchronous_commit ${commits}`
  if (fsync === 'on') return { durability }
  return {
    durability,
    risk: 'fsync is off: when the machine of PostgreSQL crashes, what has been answered may be undone, and the store may be lost',
  }
}
