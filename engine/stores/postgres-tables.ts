import { setTimeout as sleep } from 'node:timers/promises'
import { Misuse } from './contract.ts'
import type { Gate } from './postgres-gate.ts'
import { quote } from './postgres-names.ts'
import type { Ask, Row, Session } from './postgres-pool.ts'
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

/** What is to be made, and the gates that open when it is. */
export type Task = Wanted & Prepared

const LOCK_PAUSE = 100

/** Makes the tables and indexes that are missing, and opens the gates of all. */
export async function makeTables(
  session: Session,
  schema: string,
  tasks: readonly Task[],
  { readOnly, signal }: { readonly readOnly: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const missing = await findMissing(session.ask, schema, tasks)
  if (missing.length === 0) return
  if (readOnly) throw missingFor(missing)
  await takeLock(session, `sallyport/migration/${schema}`, signal)
  await makeMissing(session, schema, tasks)
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
