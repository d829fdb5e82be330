import { openConnection } from '../../engine/stores/open.ts'
import { indexes } from '../../oauth/token-store.ts'
import type { TestGateway } from './gateway.ts'

const TOKENS = 'tokenStores:OAuth Access Token Store'
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  'tokenStores:OAuth Access Token Store (codes)': indexes.codes,
  'tables:Authorizations': indexes.authorizations,
  'tables:ClientApplicationRegistry': indexes.registry,
  'tables:Families': indexes.families,
}

/** Every record of a running gateway on LMDB, as text by key. */
export interface Dump {
  readonly tokens: ReadonlyMap<string, string>
  /** By collection and key. */
  readonly others: ReadonlyMap<string, string>
}

/** Reads the store as another process may: without the lock, and without changing anything. */
export async function dumpRecords({ data }: TestGateway): Promise<Dump> {
  const connection = await openConnection(
    'main',
    { adapter: 'lmdb', path: data },
    { readOnly: true },
  )
  async function read(name: string, indexed: readonly string[]): Promise<Map<string, string>> {
    const collection = connection.collection(name, { indexes: indexed })
    const rows = new Map<string, string>()
    for (let from: string | undefined; ; ) {
      const page = await collection.scan(from, 1000)
      for (const { key, text } of page) rows.set(key, text)
      from = page.at(-1)?.key
      if (from === undefined) return rows
    }
  }
  try {
    const tokens = await read(TOKENS, indexes.tokens)
    const others = new Map<string, string>()
    for (const [name, indexed] of Object.entries(OTHERS)) {
      for (const [key, text] of await read(name, indexed)) others.set(`${name} ${key}`, text)
    }
    return { tokens, others }
  } finally {
    await connection.close()
  }
}
