import { setTimeout as sleep } from 'node:timers/promises'
import type { Infer, ObjectSchema } from '../policy/settings.ts'
import { keepCollections } from './collections.ts'
import type { Connection, ConnectOptions, Health } from './contract.ts'
import { DEADLINE, deadlineSetting } from './deadline.ts'
import { PostgresAdapter } from './postgres-adapter.ts'
import { openCollection } from './postgres-collection.ts'
import { startMigration } from './postgres-migration.ts'
import { openPool } from './postgres-pool.ts'
import { gatherReads } from './postgres-reads.ts'
import { statementsFor } from './postgres-statements.ts'

const POOL_SIZE = 10
const SCHEMA = 'sallyport'
const LONGEST_CHECK = 900

export const processes = 'many'

export const settings = {
  type: 'object',
  properties: {
    adapter: { type: 'string', enum: ['postgres'], description: 'Keeps everything in PostgreSQL.' },
    url: {
      type: 'string',
      pattern: '^postgres(ql)?://',
      description: 'postgresql://user:password@host:port/database; take it from the environment.',
    },
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: 63,
      default: SCHEMA,
      description: 'The schema of the tables; made if it is not there.',
    },
    poolSize: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: POOL_SIZE,
      description: 'Connections that each process opens at most.',
    },
    ca: {
      type: 'string',
      minLength: 1,
      description:
        'Path of a PEM file: who has signed the certificate of the server. Turns TLS on, with every check.',
    },
    certificate: {
      type: 'string',
      minLength: 1,
      description: 'Path of a PEM file: the certificate by which the server knows the gateway.',
    },
    key: { type: 'string', minLength: 1, description: 'Path of a PEM file: its key.' },
    deadline: deadlineSetting,
  },
  required: ['adapter', 'url'],
  additionalProperties: false,
} as const satisfies ObjectSchema

type Given = Pick<Infer<typeof settings>, 'url'> & Partial<Infer<typeof settings>>

/** Opens the store at that address, also while nobody answers there: it becomes ready by itself. */
export async function connect(given: Given, options: ConnectOptions = {}): Promise<Connection> {
  const { now = Date.now, readOnly = false } = options
  const { url, schema = SCHEMA, poolSize = POOL_SIZE, deadline = DEADLINE } = given
  const { ca, certificate, key } = given
  const database = openPool({ url, ca, certificate, key, poolSize, deadline, readOnly })
  const migration = startMigration(database, schema, options)
  const look = gatherReads(database, now)

  const open = keepCollections((name, indexes) => {
    const statements = statementsFor(schema, name)
    const prepared = migration.prepare({ statements, indexes })
    const parts = { database, statements, indexes, prepared, look, now, deadline }
    return { table: statements.name, collection: openCollection(parts) }
  })

  return {
    processes,
    collection(name, wanted) {
      const { table, collection } = open(name, wanted)
      return new PostgresAdapter(table, collection, health)
    },
    health,
    async close() {
      migration.stop()
      await database.close()
    },
  }

  async function health(): Promise<Health> {
    const start = performance.now()
    const unreachable = await findOutage()
    const roundTrip = performance.now() - start
    if (unreachable !== undefined) return { reachable: false, roundTrip, problem: unreachable }
    const durability = migration.durability()
    const problem = migration.problem()
    return {
      reachable: problem?.usable ?? true,
      roundTrip,
      ...(problem && { problem: problem.text }),
      ...(durability !== undefined && { durability }),
    }
  }

  async function findOutage(): Promise<string | undefined> {
    const silence = sleep(
      LONGEST_CHECK,
      `nothing came from ${database.place} in ${LONGEST_CHECK} ms`,
      {
        ref: false,
      },
    )
    const answer = database.ask('SELECT 1').then(
      () => undefined,
      (error: Error) => error.message,
    )
    return Promise.race([answer, silence])
  }
}
