import { pointTo } from '../policy/pointer.ts'
import { type Connection, Misuse, type StoreAdapter } from '../stores/contract.ts'
import type { Purged } from '../stores/purge.ts'
import { openStore, type Store } from '../stores/store.ts'
import type { StoreLock } from '../stores/store-lock.ts'
import type { GatewayConfig } from './config.ts'
import type { ExtensionContext } from './extension.ts'
import { SetUpError } from './set-up-error.ts'

/** A store whose expired records are to be removed. */
export interface PurgeOrder {
  readonly store: Purged
  readonly everySeconds: number
}

/** A collection as it is called in its store, which is the same in every store. */
export interface PlacedCollection {
  readonly name: string
  /** Past the lock of the store. */
  readonly adapter: StoreAdapter
}

type TableContext = Pick<ExtensionContext, 'table' | 'collection' | 'purge'>

export interface Tables {
  /** What an extension opens its tables and collections with. */
  contextFor(section: string): TableContext
  /** Opens the tables that no extension has asked for. */
  openRest(): void
  all(): readonly Store[]
  placed(): readonly PlacedCollection[]
  purges(): readonly PurgeOrder[]
}

interface Shape {
  readonly indexes: readonly string[]
  readonly lifetime?: string | undefined
  readonly keepExpired?: number | undefined
}

interface Opened extends Shape {
  readonly adapter: StoreAdapter
  readonly store: Store
}

/** Opens tables and collections, each once, in the stores where they belong. */
export function openTables(
  config: GatewayConfig,
  connections: ReadonlyMap<string, Connection>,
  now: () => number,
  locks: ReadonlyMap<string, StoreLock> = new Map(),
): Tables {
  const opened = new Map<string, Opened>()
  const orders = new Map<Purged, number>()

  /** The section is part of the name in the store, so that no table can be taken for another's collection. */
  function open(section: string, name: string, storeName: string, shape: Shape): Store {
    const key = `${section}:${name}`
    const known = opened.get(key)
    if (known) return sameShape(known, shape, name, pointTo('', section, name))
    const connection = connections.get(storeName)
    if (!connection) throw new Misuse(`there is no store "${storeName}"`)
    const deadline = config.stores[storeName]?.deadline
    const { indexes, lifetime, keepExpired } = shape
    const lock = locks.get(storeName)
    const adapter = connection.collection(key, { indexes })
    const store = openStore(adapter, {
      name,
      now,
      ...(lock && { lock }),
      ...(lifetime !== undefined && { lifetime }),
      ...(keepExpired !== undefined && { keepExpired }),
      ...(typeof deadline === 'number' && { deadline }),
    })
    opened.set(key, { ...shape, store, adapter })
    return store
  }

  function openTable(name: string, lifetime?: string, needed: readonly string[] = []): Store {
    const table = Object.hasOwn(config.tables, name) ? config.tables[name] : undefined
    if (!table) {
      throw new SetUpError('/tables', `there is no table "${name}"; declare it under "tables"`)
    }
    const indexes = [...new Set([...table.indexed, ...needed])]
    return open('tables', name, table.store, { indexes, lifetime })
  }

  /** Extensions take their records for what only one can take. */
  function requireStrong(store = ''): void {
    const lacks = connections.get(store)?.lacks ?? []
    if (lacks.length === 0) return
    throw new Misuse(
      `the store "${store}" cannot promise ${lacks.join(', ')}, which is needed here; name a store of lmdb, postgres or redis`,
    )
  }

  return {
    contextFor: (section) => ({
      table(name, { lifetime, indexed } = {}) {
        requireStrong(config.tables[name]?.store)
        return openTable(name, lifetime, indexed)
      },
      collection(store, name, shape) {
        requireStrong(store)
        return open(section, name, store, shape)
      },
      purge(store, everySeconds) {
        orders.set(store, Math.min(everySeconds, orders.get(store) ?? everySeconds))
      },
    }),
    openRest() {
      for (const name of Object.keys(config.tables)) {
        if (!opened.has(`tables:${name}`)) openTable(name)
      }
    },
    all: () => [...opened.values()].map(({ store }) => store),
    placed: () => [...opened].map(([name, { adapter }]) => ({ name, adapter })),
    purges: () => [...orders].map(([store, everySeconds]) => ({ store, everySeconds })),
  }
}

/** Two who saw the same records live differently long would lose each other's, or look for what is not listed. */
function sameShape(known: Opened, wanted: Shape, name: string, pointer: string): Store {
  const isListed = wanted.indexes.every((index) => known.indexes.includes(index))
  const livesAlike = known.lifetime === wanted.lifetime && known.keepExpired === wanted.keepExpired
  if (isListed && livesAlike) return known.store
  throw new SetUpError(
    pointer,
    `"${name}" is named for two different uses; give each use a table of its own`,
  )
}
