import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryKeyRing } from '../../engine/kps/key-ring.ts'
import { openConnection } from '../../engine/stores/open.ts'
import { openStore, type Store } from '../../engine/stores/store.ts'
import { clientRegistry } from '../../oauth/clients.ts'
import type { SecurityEvent } from '../../oauth/grants.ts'
import type { Authorization, Client, Code, Family, Token } from '../../oauth/records.ts'
import type { Registration } from '../../oauth/registration.ts'
import { indexes, tokenStore } from '../../oauth/token-store.ts'

export type AdapterName = 'memory' | 'lmdb'
export const adapterNames: readonly AdapterName[] = ['memory', 'lmdb']

export type OAuth = Awaited<ReturnType<typeof openOAuth>>

/** All the records of OAuth in a real store of their own, with a clock that only the test moves. */
export async function openOAuth(adapter: AdapterName = 'memory', { keepExpired = 0 } = {}) {
  let time = Date.UTC(2026, 0, 1)
  const now = () => time
  const folder = adapter === 'lmdb' ? await mkdtemp(join(tmpdir(), 'sallyport-oauth-')) : undefined
  const connection = await openConnection('main', { adapter, path: folder }, { now })

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
  const ring = memoryKeyRing()
  const events: SecurityEvent[] = []
  const registry = clientRegistry(records.clients, { ring, now })
  const store = tokenStore('tokens', { ...records, now, report: (event) => events.push(event) })

  return {
    records,
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
      if (folder !== undefined) await rm(folder, { recursive: true })
    },
  }
}
