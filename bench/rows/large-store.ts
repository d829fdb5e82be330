import { createHash } from 'node:crypto'
import type { StoreAdapter } from '../../dist/engine/stores/contract.js'
import { openConnection } from '../../dist/engine/stores/open.js'
import { openStore, type Store } from '../../dist/engine/stores/store.js'
import type { Token } from '../../dist/oauth/records.js'
import { indexes } from '../../dist/oauth/token-store.js'

// Fills LMDB stores with tokens, then purges 1,000 expired ones from each in turn; in a process of
// its own. The first folder holds a token that a gateway has issued: all others are like it.
const COLLECTION = 'tokenStores:OAuth Access Token Store'
const EXPIRED = 1000
const BATCH = 5000
const DAY = 86_400_000

const [, , rounds = '', ...places] = process.argv
const stores = await Promise.all(places.map(open))
const template = await findTemplate()

for (const { store, count } of stores) await fill(store, count)
for (let round = -1; round < Number(rounds); round++) {
  for (const { adapter, store, times } of stores) {
    await addExpired(adapter, round)
    const time = await purge(store)
    if (round >= 0) times.push(time)
  }
}
const answer = await Promise.all(
  stores.map(async ({ adapter, times }) => ({ times, bytes: (await adapter.size()).bytes })),
)
for (const { connection } of stores) await connection.close()
process.send?.({ answer })

/** A place is `count:folder`. */
async function open(place: string) {
  const [count, ...path] = place.split(':')
  const connection = await openConnection('main', { adapter: 'lmdb', path: path.join(':') })
  const adapter = connection.collection(COLLECTION, { indexes: indexes.tokens })
  const store: Store<Token> = openStore(adapter, { name: COLLECTION, lifetime: 'expires' })
  return { connection, adapter, store, count: Number(count), times: [] as number[] }
}

async function findTemplate(): Promise<Token> {
  const [row] = (await stores[0]?.store.scan(undefined, 1)) ?? []
  if (row === undefined) throw new Error('the first store holds no token to make others like')
  return row.value
}

/** Token number n has the text `token-n`; they end over thirty days, none of them today. */
async function fill(store: Store<Token>, count: number): Promise<void> {
  const from = Date.now() + DAY
  for (let first = 0; first < count; first += BATCH) {
    const numbers = countFrom(first, Math.min(BATCH, count - first))
    await Promise.all(
      numbers.map((number) => {
        const expires = from + Math.floor((number / count) * 29 * DAY)
        return store.set(keyOf(`token-${number}`), { ...template, expires })
      }),
    )
  }
}

async function addExpired(adapter: StoreAdapter, round: number): Promise<void> {
  const expires = Date.now() + 1
  const text = JSON.stringify({ value: { ...template, expires }, expires })
  const numbers = countFrom(0, EXPIRED)
  await Promise.all(
    numbers.map((number) => adapter.set(keyOf(`expired-${round}-${number}`), text, 1)),
  )
}

/** Milliseconds until the removal of all that is expired has been synced. */
async function purge(store: Store<Token>): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 10))
  const start = performance.now()
  const removed = await store.purgeExpired(EXPIRED)
  const time = performance.now() - start
  if (removed !== EXPIRED) throw new Error(`${removed} records were purged instead of ${EXPIRED}`)
  return time
}

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function countFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, place) => first + place)
}
