import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryKeyRing } from '../../engine/kps/key-ring.ts'
import { openConnection } from '../../engine/stores/open.ts'
import { openStore, type Store } from '../../engine/stores/store.ts'
import { clientRegistry } from '../../oauth/clients.ts'
import { announcer, type SweepRecord } from '../../oauth/endings.ts'
import type { SecurityEvent } from '../../oauth/grants.ts'
import type { Authorization, Client, Code, Family, Token } from '../../oauth/records.ts'
import type { Registration } from '../../oauth/registration.ts'
import { sweeper } from '../../oauth/sweep.ts'
import { indexes, tokenStore } from '../../oauth/token-store.ts'
import { usePostgres } from '../support/postgres.ts'
import { useRedis } from '../support/redis.ts'

/** An empty store, and how to be rid of it. */
interface Place {
  readonly settings: Readonly<Record<string, unknown>>
  remove?(): Promise<void>
}

export type MakePlace = () => Place | Promise<Place>

const inMemory: MakePlace = () => ({ settings: { adapter: 'memory' } })

/** Where the records of OAuth can be kept; each is said inside a `describe`, and gives empty stores. */
export const adapters = {
  memory: () => inMemory,

  lmdb: () => async () => {
    const path = await mkdtemp(join(tmpdir(), 'sallyport-oauth-'))
    return { settings: { adapter: 'lmdb', path }, remove: () => rm(path, { recursive: true }) }
  },

  postgres() {
    const server = usePostgres()
    let url: string | undefined
    return async () => {
      const database = url ?? (await server().createDatabase())
      url = database
      const schema = randomUUID()
      return {
        settings: { adapter: 'postgres', url: database, schema },
        remove: async () => void (await server().ask(`DROP SCHEMA "${schema}" CASCADE`, database)),
      }
    }
  },

  redis() {
    const server = useRedis()
    return () => ({ settings: { adapter: 'redis', url: server().url, prefix: randomUUID() } })
  },
} satisfies Readonly<Record<string, () => MakePlace>>

export type AdapterName = keyof typeof adapters

export type OAuth = Awaited<ReturnType<typeof openOAuth>>

/** All the records of OAuth in a real store of their own, with a clock that only the test moves. */
export async function openOAuth({
  place: makePlace = inMemory,
  keepExpired = 0,
}: {
  readonly place?: MakePlace
  readonly keepExpired?: number
} = {}) {
  let time = Date.UTC(2026, 0, 1)
  const now = () => time
  const place = await makePlace()
  const connection = await openConnection('main', place.settings, { now })

  function open<Value extends object>(
    name: string,
    options: { indexes: readonly string[]; lifetime?: string; keepExpired?: number },
  ): Store<Value> {
    return openStore<Value>(connection.collection(name, options), { name, now, ...options })
  }
  const records = {
    tokens: open<Token>('tokens', { indexes: indexes.tokens, lifetime: 'expires', keepExpired }),
    codes: open<Code>('codes', { indexes: indexes.codes, lifetime: 'expires' }),
    clients: open<Client>('clients', { indexes: indexes.registry }),
    authorizations: open<Authorization>('authorizations', { indexes: indexes.authorizations }),
    families: open<Family>('families', { indexes: indexes.families, lifetime: 'expires' }),
  }
  const sweeps = open<SweepRecord>('sweeps', { indexes: indexes.sweeps })
  const announce = announcer([sweeps], now)
  const ring = memoryKeyRing()
  const events: SecurityEvent[] = []
  const registry = clientRegistry(records.clients, { ring, now, announce })
  const report = (event: SecurityEvent) => events.push(event)
  const store = tokenStore('tokens', { ...records, now, announce, report })
  /** As a process does it that has just started. */
  const openSweeper = () => sweeper({ ...records, jobs: sweeps, now })

  return {
    records,
    sweeps,
    sweeper: openSweeper(),
    openSweeper,
    announce,
    ring,
    registry,
    store,
    events,
    now,
    /** Lets that many seconds go by. */
    wait(seconds: number) {
      time += seconds * 1000
    },
    async register(registration: Partial<Registration> = {}): Promise<Client> {
      const { client } = await registry.register({ type: 'confidential', ...registration })
      return client
    },
    async authorize(client: Client, owner: string, scopes: readonly string[]) {
      const { authorization } = await store.authorizations.grant({
        application: client.applicationId,
        owner,
        scopes,
        consented: true,
        tokensUntil: time + 86_400_000,
      })
      return authorization
    },
    async close() {
      await connection.close()
      await place.remove?.()
    },
  }
}
