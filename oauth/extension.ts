import type { Extension, ExtensionContext } from '../engine/gateway/extension.ts'
import type { Infer, ObjectSchema } from '../engine/policy/settings.ts'
import type { Store } from '../engine/stores/store.ts'
import './attributes.ts'
import { type ClientRegistry, clientRegistry } from './clients.ts'
import type { Authorization, Client, Code, Family, Token } from './records.ts'
import { type Loadable, loadClients, loadTokens, readSampleData } from './sample-data.ts'
import { indexes, tokenStore } from './token-store.ts'

const schema = {
  type: 'object',
  properties: {
    store: { type: 'string', refersTo: 'store', description: 'The store that keeps the tokens.' },
    registry: { type: 'string', refersTo: 'table', description: 'The table of the clients.' },
    authorizations: {
      type: 'string',
      refersTo: 'table',
      description: 'The table of what owners let applications do.',
    },
    families: {
      type: 'string',
      refersTo: 'table',
      description: 'The table of what descends from one grant.',
    },
    purgeExpiredEvery: {
      type: 'integer',
      minimum: 1,
      default: 60,
      description: 'Seconds between two removals of expired records.',
    },
    keepExpired: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'Seconds for which expired tokens are kept, to tell them from unknown ones.',
    },
  },
  required: ['store', 'registry', 'authorizations', 'families'],
  additionalProperties: false,
} as const satisfies ObjectSchema

/** An entry of `tokenStores` in `gateway.json`. */
export type TokenStoreEntry = Infer<typeof schema>

/** What OAuth adds to a gateway: the section `tokenStores`, and the services `clients` and `tokens`. */
export const oauthExtension: Extension<TokenStoreEntry> = {
  section: 'tokenStores',
  refersTo: 'tokenStore',
  schema,
  // RFC 8707 §2.
  repeatable: ['resource'],
  open(entries, context) {
    const clients = once((table: string) => openRegistry(table, context))
    const stores = new Map(
      Object.entries(entries).map(([name, entry]) => [
        name,
        openTokenStore(name, entry, context, clients),
      ]),
    )
    const find = (name: string) => {
      const found = stores.get(name)
      if (found !== undefined) return found
      const known = [...stores.keys()].map((key) => `"${key}"`).join(', ')
      throw new Error(`there is no token store "${name}"; tokenStores has ${known || 'none'}`)
    }
    return {
      services: { clients, tokens: (name: string) => find(name).store },
      async load(given) {
        const data = readSampleData(given)
        for (const [table, list] of Object.entries(data.clients)) {
          await loadClients(clients(table), list)
        }
        for (const [name, list] of Object.entries(data.tokens)) await loadTokens(find(name), list)
      },
    }
  },
}

function openRegistry(table: string, context: ExtensionContext): ClientRegistry {
  const store = context.table(table, { indexed: indexes.registry }) as Store<Client>
  return clientRegistry(store, { ring: context.keys, now: context.now })
}

function openTokenStore(
  name: string,
  entry: TokenStoreEntry,
  context: ExtensionContext,
  clients: (table: string) => ClientRegistry,
): Loadable {
  const { log, now } = context
  const table = (role: Role, options: { lifetime?: string }) =>
    openTable(name, role, entry[role], context, options)
  const tokens = context.collection(entry.store, name, {
    indexes: indexes.tokens,
    lifetime: 'expires',
    keepExpired: entry.keepExpired,
  }) as Store<Token>
  const codes = context.collection(entry.store, `${name} (codes)`, {
    indexes: indexes.codes,
    lifetime: 'expires',
  }) as Store<Code>
  const families = table('families', { lifetime: 'expires' }) as Store<Family>
  for (const store of [tokens, codes, families]) context.purge(store, entry.purgeExpiredEvery)
  const store = tokenStore(name, {
    tokens,
    codes,
    families,
    clients: table('registry', {}) as Store<Client>,
    authorizations: table('authorizations', {}) as Store<Authorization>,
    now,
    report: (event) => log.warn(event, `somebody used what was used before: ${event.event}`),
  })
  return { store, records: tokens, registry: clients(entry.registry), now }
}

type Role = 'registry' | 'authorizations' | 'families'

function openTable(
  tokenStore: string,
  role: Role,
  table: string,
  context: ExtensionContext,
  options: { lifetime?: string },
): Store {
  try {
    return context.table(table, { ...options, indexed: indexes[role] })
  } catch (error) {
    throw new Error(
      `token store "${tokenStore}" names "${table}" as its ${role}, which cannot be used: ${(error as Error).message}`,
      { cause: error },
    )
  }
}

function once<Value>(open: (name: string) => Value): (name: string) => Value {
  const opened = new Map<string, Value>()
  return function openOnce(name) {
    const known = opened.get(name)
    if (known !== undefined) return known
    const value = open(name)
    opened.set(name, value)
    return value
  }
}
