import { Keyv, type KeyvStoreAdapter } from 'keyv'
import type { Infer, ObjectSchema } from '../policy/settings.ts'
import { keepCollections } from './collections.ts'
import {
  type Ability,
  type Connection,
  type ConnectOptions,
  type Health,
  Misuse,
  type StoreAdapter,
} from './contract.ts'
import { askWithin, deadlineSetting } from './deadline.ts'

export const processes = 'many'

export const settings = {
  type: 'object',
  properties: {
    adapter: {
      type: 'string',
      enum: ['keyv'],
      description:
        'Keeps records through any other storage adapter of Keyv. For tables without indexes only.',
    },
    module: {
      type: 'string',
      minLength: 1,
      description:
        'The package of the adapter, or a path that begins with a dot. Its default export is a class.',
    },
    url: { type: 'string', description: 'What the class is constructed with.' },
    deadline: deadlineSetting,
  },
  required: ['adapter', 'module'],
  additionalProperties: false,
} as const satisfies ObjectSchema

/**
 * Keyv's contract has nothing that works in one step against others, no order and no index. Codes,
 * and whatever else only one may take, cannot be built on it; nor can a list.
 */
export const lacks: readonly Ability[] = ['update', 'find', 'scan']

const HEALTH_DEADLINE = 1000

type Given = Pick<Infer<typeof settings>, 'module'> & Partial<Infer<typeof settings>>
type Construct = new (url?: string) => KeyvStoreAdapter

/** Opens a store through an adapter that somebody else has written for Keyv. */
export async function connect(
  { module, url }: Given,
  { readOnly = false }: ConnectOptions = {},
): Promise<Connection> {
  const Foreign = await load(module)
  const opened: Keyv[] = []
  const open = keepCollections((name, indexes) => {
    if (indexes.length > 0) throw lacking('find', module)
    const keyv = openKeyv(new Foreign(url), name)
    opened.push(keyv)
    return asAdapter(keyv, { module, readOnly })
  })
  const connection = openKeyv(new Foreign(url), 'health')
  opened.push(connection)
  return {
    processes,
    lacks,
    warning: `what is kept through ${module} has no update in one step, no index and no order: plain tables only`,
    collection: open,
    health: () => healthOf(connection),
    async close() {
      await Promise.allSettled(opened.map((keyv) => keyv.disconnect()))
    },
  }
}

async function load(module: string): Promise<Construct> {
  let exported: unknown
  try {
    exported = ((await import(module)) as { readonly default?: unknown }).default
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Misuse(`the module ${module} cannot be loaded: ${reason}`, { cause: error })
  }
  if (typeof exported === 'function') return exported as Construct
  throw new Misuse(`the default export of ${module} is no class; export a storage adapter of Keyv`)
}

/** With the three settings without which an outage is no error, and a key is not what it says. */
function openKeyv(store: KeyvStoreAdapter & { throwOnErrors?: boolean }, namespace: string): Keyv {
  if ('throwOnErrors' in store) store.throwOnErrors = true
  const keyv = new Keyv({
    ...{ store, namespace, throwOnErrors: true },
    serialize: JSON.stringify,
    deserialize: JSON.parse,
  })
  // It is thrown, too; and an emitter throws what nobody listens to.
  keyv.on('error', () => {})
  return keyv
}

function asAdapter(
  keyv: Keyv,
  { module, readOnly }: { readonly module: string; readonly readOnly: boolean },
): StoreAdapter {
  const adapter: StoreAdapter = {
    opts: {},
    namespace: undefined,
    on: () => adapter,
    get,
    // One by one: of many, Keyv takes those that failed for absent.
    getMany: (keys) => Promise.all(keys.map(get)),
    has: async (key) => (await keyv.get(key)) !== undefined,
    async set(key, text, ttl) {
      requireWritable()
      // Keyv takes a ttl of 0 for "for ever".
      if (ttl !== undefined && !(ttl > 0)) throw new Misuse(`a ttl of ${ttl} ms cannot be kept`)
      await keyv.set(key, JSON.parse(text).value, ttl)
    },
    async delete(key) {
      requireWritable()
      return keyv.delete(key)
    },
    async clear() {
      requireWritable()
      await keyv.clear()
    },
    update: () => refuse('update'),
    find: () => refuse('find'),
    scan: () => refuse('scan'),
    // It forgets what is expired by itself, or when it is read.
    purgeExpired: () => 0,
    health: () => healthOf(keyv),
    size: () => ({}),
  }
  return adapter

  async function get(key: string): Promise<string | undefined> {
    return toText(await keyv.get(key, { raw: true }))
  }

  function refuse(ability: Ability): never {
    throw lacking(ability, module)
  }

  function requireWritable(): void {
    if (readOnly) throw new Misuse(`the store of ${module} was opened for reading only`)
  }
}

function toText(raw: { readonly value?: unknown } | undefined): string | undefined {
  return raw === undefined || raw === null ? undefined : JSON.stringify(raw)
}

function lacking(ability: Ability, module: string): Misuse {
  return new Misuse(
    `the adapter of ${module} cannot promise "${ability}"; use lmdb, postgres or redis for this`,
  )
}

async function healthOf(keyv: Keyv): Promise<Health> {
  const start = performance.now()
  const roundTrip = () => performance.now() - start
  try {
    await askWithin(HEALTH_DEADLINE, keyv.namespace ?? '', () => keyv.get('health'))
    return { reachable: true, roundTrip: roundTrip() }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { reachable: false, roundTrip: roundTrip(), problem }
  }
}
