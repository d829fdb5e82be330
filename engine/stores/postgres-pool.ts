import { createHash } from 'node:crypto'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Misuse } from './contract.ts'
import { connectionConfig, type PoolSettings } from './postgres-config.ts'
import { explainFailure } from './postgres-failure.ts'

export type Row = Readonly<Record<string, string | number | boolean | null>>

export interface Result {
  readonly rows: readonly Row[]
  /** How many rows were found or changed. */
  readonly count: number
}

export type Ask = (statement: string, values?: readonly unknown[]) => Promise<Result>

/** One connection of its own. */
export interface Session {
  readonly ask: Ask
  /** Without a limit of time. */
  askForLong(statement: string): Promise<unknown>
  end(): void
}

export interface Database {
  /** Host and database, for messages. */
  readonly place: string
  /** Runs one statement, which is a transaction of its own. */
  readonly ask: Ask
  transaction<T>(work: (ask: Ask) => Promise<T>): Promise<T>
  session(): Promise<Session>
  /** Waits for the statements that have begun; whatever does not answer is cut off. */
  close(): Promise<void>
}

/** Each connection of the server remembers them. */
const MOST_PREPARED = 500
const LONGEST_GOODBYE = 500
/** The longest that a timer can wait, 24 days. */
const NO_LIMIT = 2 ** 31 - 1

/** Opens connections as they are needed; that the server is down is the matter of who asks. */
export function openPool(settings: PoolSettings): Database {
  const place = placeOf(settings.url)
  const sockets = new Set<Socket>()
  const config = connectionConfig(settings, () => {
    const socket = new Socket()
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return socket
  })
  const pool = new pg.Pool(config)
  // A connection that is lost while nobody uses it; without a listener it ends the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const prepared = new Map<string, string>()
  const running = new Set<Promise<unknown>>()
  let closed = false

  return {
    place,
    ask: (statement, values) => tracked(() => send(pool, statement, values)),
    transaction: (work) => tracked(() => transact(work)),
    session: () => tracked(openSession),
    close,
  }

  async function tracked<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new Error(`the connection to PostgreSQL at ${place} has been closed`)
    const run = work()
    running.add(run)
    try {
      return await run
    } catch (error) {
      throw explainFailure(place, error, settings.readOnly)
    } finally {
      running.delete(run)
    }
  }

  async function transact<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      const result = await work((statement, values) => send(client, statement, values))
      await client.query('COMMIT')
      client.release()
      return result
    } catch (error) {
      // Closing it rolls back, also where the server cannot be told so.
      client.release(true)
      throw error
    }
  }

  async function openSession(): Promise<Session> {
    const client = new pg.Client(config)
    client.on('error', () => {})
    await client.connect()
    const ask: Ask = (statement, values = []) =>
      tracked(async () => resultOf(await client.query(statement, [...values])))
    return {
      ask,
      askForLong: (text) =>
        tracked(async () => {
          await client.query('SET statement_timeout = 0')
          const query = { text, query_timeout: NO_LIMIT }
          return client.query(query)
        }),
      end: () => void client.end().catch(() => {}),
    }
  }

  async function send(
    target: pg.Pool | pg.PoolClient,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Result> {
    const name = nameOf(text)
    const query = { text, values: [...values], ...(name === undefined ? {} : { name }) }
    return resultOf(await target.query<Row>(query))
  }

  function nameOf(statement: string): string | undefined {
    const known = prepared.get(statement)
    if (known !== undefined || prepared.size === MOST_PREPARED) return known
    const name = createHash('sha256').update(statement).digest('base64url').slice(0, 22)
    prepared.set(statement, name)
    return name
  }

  async function close(): Promise<void> {
    if (closed) return
    closed = true
    await Promise.race([Promise.allSettled(running), sleep(settings.deadline)])
    await Promise.race([pool.end(), sleep(LONGEST_GOODBYE)])
    for (const socket of sockets) socket.destroy()
  }
}

/** Without user and password. What cannot be read is not repeated, for it may hold a password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) {
    throw new Misuse(
      'the url of a PostgreSQL store cannot be read; write postgresql://user:password@host:port/database, each part percent-encoded',
    )
  }
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}

function resultOf({ rows, rowCount }: pg.QueryResult<Row>): Result {
  return { rows, count: rowCount ?? rows.length }
}
