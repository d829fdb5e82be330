import { type Adapter, type Connection, type ConnectOptions, Misuse } from './contract.ts'

const adapters: Readonly<Record<string, () => Promise<Adapter>>> = {
  keyv: () => import('./keyv.ts'),
  lmdb: () => import('./lmdb.ts'),
  memory: () => import('./memory.ts'),
  postgres: () => import('./postgres.ts'),
  redis: () => import('./redis.ts'),
}

/** The names that `adapter` may have in an entry under `stores`. */
export const adapterNames: readonly string[] = Object.keys(adapters)

/** Loads the module of an adapter, and with it the library that it needs. */
export async function loadAdapter(name: string): Promise<Adapter> {
  const load = Object.hasOwn(adapters, name) ? adapters[name] : undefined
  if (load !== undefined) return load()
  throw new Misuse(`there is no store adapter "${name}"; there are ${adapterNames.join(', ')}`)
}

/** Opens a store of `gateway.json`; its settings have passed the adapter's schema. */
export async function openConnection(
  name: string,
  settings: Readonly<Record<string, unknown>>,
  options: ConnectOptions = {},
): Promise<Connection> {
  const { connect } = await loadAdapter(String(settings.adapter)).catch((error: Error) => {
    throw new Misuse(`the store "${name}" cannot be opened: ${error.message}`, { cause: error })
  })
  return connect(settings, options)
}
