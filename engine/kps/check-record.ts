import type { KeyRing } from '../gateway/extension.ts'
import { type Connection, KEEP, Misuse } from '../stores/contract.ts'
import { openStore, type Store } from '../stores/store.ts'

/** What a store knows of the ring that it was made with. */
interface CheckRecord {
  /** Key id → a text's HMAC under that key, which tells nothing about it. */
  readonly proofs: Readonly<Record<string, string>>
}

const COLLECTION = 'key-ring'
const RECORD = 'check'

/**
 * Makes sure that the ring has every key which the store was ever opened with, so that a lost ring is
 * not taken for a thousand wrong secrets. A store without the record gets it; a ring that rotates
 * adds its new key.
 *
 * @throws Misuse naming the store, the folder of the ring and the remedy
 */
export async function checkKeyRing(
  name: string,
  connection: Connection,
  ring: KeyRing,
): Promise<void> {
  const store = openCheck(name, connection)
  let strange: string | undefined
  await store.update(RECORD, (record) => {
    const proofs = new Map(Object.entries(record?.proofs ?? {}))
    strange = [...proofs.keys()].find((key) => proofs.get(key) !== prove(ring, key))
    if (strange !== undefined || proofs.has(ring.current)) return KEEP
    return { proofs: Object.fromEntries(proofs.set(ring.current, prove(ring, ring.current) ?? '')) }
  })
  if (strange !== undefined) throw wrongRing(name, ring, strange)
}

/** A copied store remembers every key that the records in it were made with. */
export async function copyCheckRecords(
  sources: Iterable<Connection>,
  targets: Iterable<Connection>,
): Promise<void> {
  const records = await Promise.all(
    [...sources].map((each) => openCheck('source', each).get(RECORD)),
  )
  const known = Object.assign({}, ...records.map((record) => record?.proofs))
  for (const each of targets) {
    await openCheck('target', each).update(RECORD, (record) => ({
      proofs: { ...record?.proofs, ...known },
    }))
  }
}

function openCheck(name: string, connection: Connection): Store<CheckRecord> {
  return openStore(connection.collection(COLLECTION, { indexes: [] }), { name })
}

function prove(ring: KeyRing, key: string): string | undefined {
  return ring.hmac(key, 'check', key)?.toString('base64url')
}

function wrongRing(store: string, ring: KeyRing, key: string): Misuse {
  const difference =
    prove(ring, key) === undefined ? `which has no key "${key}"` : `whose key "${key}" differs`
  return new Misuse(
    `the store "${store}" was made with another key ring than the one in ${ring.place}, ${difference}: put the right ring.json there, or set SALLYPORT_KEYS to the folder that holds it; without it no secret in the store can be checked. If it is lost for good, choose an empty store`,
  )
}
