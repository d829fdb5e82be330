import type { Database, Row } from './postgres-pool.ts'
import type { Statements } from './postgres-statements.ts'

type Look = (statements: Statements, key: string) => Promise<string | undefined>

interface Waiter {
  found(text: string | undefined): void
  fail(error: unknown): void
}

/** By table, then by key. */
type Batch = Map<Statements, Map<string, Waiter[]>>

/**
 * Gathers the look-ups that are asked for in one turn, whatever table they are in, and sends them as
 * one statement: what hangs together costs one round trip, and so does what many ask at once.
 */
export function gatherReads(database: Database, now: () => number): Look {
  let batch: Batch = new Map()

  return function look(statements, key) {
    return new Promise((found, fail) => {
      if (batch.size === 0) setImmediate(flush)
      const keys = batch.get(statements) ?? new Map<string, Waiter[]>()
      batch.set(statements, keys)
      const waiters = keys.get(key)
      if (waiters === undefined) keys.set(key, [{ found, fail }])
      else waiters.push({ found, fail })
    })
  }

  function flush(): void {
    const asked = batch
    batch = new Map()
    const tables = [...asked].sort(([a], [b]) => (a.name < b.name ? -1 : 1))
    send(tables).then(
      (rows) => answer(tables, rows),
      (error) => {
        for (const waiter of waitersOf(tables)) waiter.fail(error)
      },
    )
  }

  async function send(tables: readonly Table[]): Promise<readonly Row[]> {
    const [first, ...others] = tables
    const only = first?.[1].size === 1 && others.length === 0 ? [...first[1].keys()][0] : undefined
    if (first !== undefined && only !== undefined) {
      const { rows } = await database.ask(first[0].get, [only, now()])
      return rows.map(({ value = null }) => ({ place: 0, key: only, value }))
    }
    const branches = tables.map(([statements], place) =>
      statements.look(place, '$1', `$${place + 2}`),
    )
    const keys = tables.map(([, wanted]) => [...wanted.keys()])
    return (await database.ask(branches.join(' UNION ALL '), [now(), ...keys])).rows
  }
}

type Table = readonly [Statements, ReadonlyMap<string, readonly Waiter[]>]

function answer(tables: readonly Table[], rows: readonly Row[]): void {
  for (const { place, key, value } of rows) {
    for (const waiter of tables[Number(place)]?.[1].get(String(key)) ?? []) {
      waiter.found(String(value))
    }
  }
  // Those who have been answered hear nothing of this.
  for (const waiter of waitersOf(tables)) waiter.found(undefined)
}

function waitersOf(tables: readonly Table[]): readonly Waiter[] {
  return tables.flatMap(([, keys]) => [...keys.values()].flat())
}
