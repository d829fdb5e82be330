import { setTimeout as sleep } from 'node:timers/promises'
import { Misuse } from './contract.ts'
import { type Gate, makeGate } from './postgres-gate.ts'
import { quote } from './postgres-names.ts'
import type { Ask, Database, Row, Session } from './postgres-pool.ts'
import type { Statements } from './postgres-statements.ts'

/** What a collection needs before it can be used. */
export interface Wanted {
  readonly statements: Statements
  readonly indexes: readonly string[]
}

export interface Prepared {
  /** Opens when records can be kept and read. */
  readonly tableReady: Gate
  /** Opens when each index is complete. */
  readonly indexesReady: Gate
}

export interface Migration {
  prepare(wanted: Wanted): Prepared
  /** Why tables or indexes are not ready, or what is wrong with the server. */
  problem(): { readonly text: string; readonly usable: boolean } | undefined
  stop(): void
}

type Task = Wanted & Prepared

const PAUSE = 500
const LOCK_PAUSE = 100

/** Makes tables and indexes, and tries again until the server is there and lets it. */
export function startMigration(database: Database, schema: string, readOnly: boolean): Migration {
  let tasks: Task[] = []
  let failure: Error | undefined
  let weakness: string | undefined
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
      if (failure !== undefined) return { text: failure.message, usable: false }
      if (tasks.some(({ tableReady }) => !tableReady.isOpen)) {
        return { text: 'its tables are being made', usable: false }
      }
      if (tasks.length > 0) return { text: 'its indexes are being built', usable: true }
      return weakness === undefined ? undefined : { text: weakness, usable: true }
    },
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
      weakness = await inspectServer(session.ask)
      const missing = await findMissing(session.ask, schema, attempted)
      if (missing.length === 0) return
      if (readOnly) throw missingFor(missing)
      await takeLock(session, `sallyport/migration/${schema}`, stopping.signal)
      await makeMissing(session, schema, attempted)
    } finally {
      // Its end gives the lock back.
      session.end()
    }
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

/** What would break promises: an encoding that keeps not every text, writes that a crash may undo. */
async function inspectServer(ask: Ask): Promise<string | undefined> {
  const { rows } = await ask(
    `SELECT current_setting('server_encoding') AS encoding, current_setting('synchronous_commit') AS commits, current_setting('fsync') AS fsync`,
  )
  const { encoding, commits, fsync } = rows[0] ?? {}
  if (encoding !== 'UTF8') {
    throw new Error(`the encoding of the database is ${encoding}; create one with ENCODING 'UTF8'`)
  }
  const off = [commits === 'off' ? 'synchronous_commit' : '', fsync === 'off' ? 'fsync' : '']
  const names = off.filter((name) => name !== '').join(' and ')
  return names === ''
    ? undefined
    : `${names} is off: what has been answered, such as a deletion, may be undone when the server crashes`
}

/** The tasks that are not done; the gates of what is there are opened. */
async function findMissing(
  ask: Ask,
  schema: string,
  tasks: readonly Task[],
): Promise<readonly Task[]> {
  const names = tasks.flatMap(({ statements, indexes }) => [
    statements.name,
    ...statements.indexes(indexes).keys(),
  ])
  const { rows } = await ask(
    `SELECT c.relname AS name, coalesce(i.indisvalid, true) AS complete FROM pg_class c
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.relnamespace = to_regnamespace($1) AND c.relname = ANY($2)`,
    [quote(schema), names],
  )
  const there = new Set(rows.filter(isComplete).map(({ name }) => name))
  return tasks.filter(({ statements, indexes, tableReady, indexesReady }) => {
    if (!there.has(statements.name)) return true
    tableReady.open()
    if ([...statements.indexes(indexes).keys()].some((name) => !there.has(name))) return true
    indexesReady.open()
    return false
  })
}

function isComplete({ complete }: Row): boolean {
  return complete === true
}

function missingFor(tasks: readonly Task[]): Misuse {
  const names = tasks.map(({ statements }) => statements.table).join(', ')
  return new Misuse(`tables or indexes are missing (${names}); start the gateway once to make them`)
}

/**
 * Whoever waited inside the server would be waited for by CREATE INDEX CONCURRENTLY, which waits for
 * every older transaction, while it waits for the lock of the one who builds.
 */
async function takeLock({ ask }: Session, name: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rows } = await ask('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken', [
      name,
    ])
    if (rows[0]?.taken === true) return
    await sleep(LOCK_PAUSE, undefined, { signal })
  }
}

async function makeMissing(
  session: Session,
  schema: string,
  tasks: readonly Task[],
): Promise<void> {
  const { ask } = session
  const { rows } = await ask('SELECT to_regnamespace($1) IS NULL AS missing', [quote(schema)])
  if (rows[0]?.missing === true) await ask(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`)
  for (const task of await findMissing(ask, schema, tasks)) {
    if (!task.tableReady.isOpen) await makeTable(ask, task)
  }
  for (const task of await findMissing(ask, schema, tasks)) {
    await buildIndexes(session, schema, task)
    task.indexesReady.open()
  }
}

/** A table that nobody uses yet gets its indexes at once. */
async function makeTable(
  ask: Ask,
  { statements, indexes, tableReady, indexesReady }: Task,
): Promise<void> {
  const { create } = statements
  await ask('BEGIN')
  for (const statement of create) await ask(statement)
  for (const [name, on] of statements.indexes(indexes)) {
    await ask(`CREATE INDEX ${quote(name)} ON ${on}`)
  }
  await ask('COMMIT')
  tableReady.open()
  indexesReady.open()
}

/** In a table that is in use, and outside a transaction, so that nobody has to wait for it. */
async function buildIndexes(
  { ask, askForLong }: Session,
  schema: string,
  { statements, indexes }: Task,
): Promise<void> {
  for (const [name, on] of statements.indexes(indexes)) {
    const found = await ask(
      'SELECT indisvalid AS complete FROM pg_index WHERE indexrelid = to_regclass($1)',
      [`${quote(schema)}.${quote(name)}`],
    )
    if (found.rows[0]?.complete === true) continue
    // Left over from an attempt that was interrupted: it costs every write, and finds nothing.
    if (found.count > 0) await askForLong(`DROP INDEX CONCURRENTLY ${quote(schema)}.${quote(name)}`)
    await askForLong(`CREATE INDEX CONCURRENTLY ${quote(name)} ON ${on}`)
  }
}
