import type { Extension, ExtensionContext } from '../engine/gateway/extension.ts'
import type { Infer, ObjectSchema } from '../engine/policy/settings.ts'
import type { Store } from '../engine/stores/store.ts'
import './attributes.ts'
import { type ClientRegistry, clientRegistry } from './clients.ts'
import { type Announce, announcer, type SweepRecord } from './endings.ts'
import type { Authorization, Client, Code, Family, Token } from './records.ts'
import { type Loadable, loadClients, loadTokens, readSampleData } from './sample-data.ts'
import { sweeper } from './sweep.ts'
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
    const announce = (role: Role, table: string) => {
      const hanging = Object.entries(entries).filter(([, entry]) => entry[role] === table)
      const sweeps = hanging.map(([name, entry]) => openSweeps(name, entry, context))
      return announcer(sweeps, context.now)
    }
    const clients = once((table: string) => openRegistry(table, context, announce))
    const stores = new Map(
      Object.entries(entries).map(([name, entry]) => [
        name,
        openTokenStore(name, entry, context, { clients, announce }),
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

/** Whoever ends something in a table says so to all token stores that hang on it. */
type AnnounceIn = (role: Role, table: string) => Announce

function openRegistry(
  table: string,
  { keys: ring, now, ...context }: ExtensionContext,
  announce: AnnounceIn,
): ClientRegistry {
  const store = context.table(table, { indexed: indexes.registry }) as Store<Client>
  return clientRegistry(store, { ring, now, announce: announce('registry', table) })
}

function openSweeps(
  name: string,
  entry: TokenStoreEntry,
  context: ExtensionContext,
): Store<SweepRecord> {
  const options = { indexes: indexes.sweeps }
  return context.collection(entry.store, `${name} (sweeps)`, options) as Store<SweepRecord>
}

function openTokenStore(
  name: string,
  entry: TokenStoreEntry,
  context: ExtensionContext,
  parts: { readonly announce: AnnounceIn; clients(table: string): ClientRegistry },
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
  const clients = table('registry', {}) as Store<Client>
  const authorizations = table('authorizations', {}) as Store<Authorization>
  const jobs = openSweeps(name, entry, context)
  const { sweep } = sweeper({ jobs, tokens, clients, authorizations, now })
  const dead = { name: `${name} (dead)`, purgeExpired: sweep }
  for (const each of [tokens, codes, families, dead]) context.purge(each, entry.purgeExpiredEvery)
  const store = tokenStore(name, {
    tokens,
    codes,
    families,
    clients,
    authorizations,
    now,
    announce: parts.announce('authorizations', entry.authorizations),
    report: (event) => log.warn(event, `somebody used what was used before: ${event.event}`),
  })
  return { store, records: tokens, registry: parts.clients(entry.registry), now }
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
