import assert from 'node:assert/strict'
import { type Case, scanKeys, together, toText } from './bench.ts'

const keys = ['k', 'K', 'k1', 'k10', 'k2', ':k', 'é', 'z', '\u{10000}', '\uffee', '~', 'k!']

export const scanCases: Readonly<Record<string, Case>> = {
  async 'gives all records in the order of the bytes of their keys'({ open }) {
    const store = open()
    await together(keys.length, (n) => store.set(keys[n] ?? '', toText(n)))
    const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    for (const limit of [1, 5, keys.length, keys.length + 1]) {
      assert.deepEqual(await scanKeys(store, limit), sorted)
    }
    const [first] = await store.scan(undefined, 1)
    assert.deepEqual(first, { key: sorted[0], text: toText(keys.indexOf(sorted[0] ?? '')) })
  },

  async 'goes on behind a key, whether or not there is a record under it'({ open }) {
    const store = open()
    for (const key of ['a', 'c', 'e']) await store.set(key, toText(key))
    const after = async (key: string) => (await store.scan(key, 9)).map((entry) => entry.key)
    assert.deepEqual(await after('a'), ['c', 'e'])
    assert.deepEqual(await after('b'), ['c', 'e'])
    assert.deepEqual(await after('e'), [])
  },

  async 'skips and repeats nothing while others insert and delete'({ open }) {
    const store = open()
    const lasting = Array.from({ length: 100 }, (_, n) => `k${String(n).padStart(3, '0')}`)
    await together(100, (n) => store.set(lasting[n] ?? '', toText(n)))
    let round = 0
    const seen = await scanKeys(store, 7, async (sofar) => {
      await store.delete(sofar.at(-1) ?? '')
      await store.set(`a${round}`, toText({}))
      await store.set(`${sofar.at(-1)}-${round++}`, toText({}))
    })
    assert.equal(new Set(seen).size, seen.length)
    assert.deepEqual(
      seen.filter((key) => lasting.includes(key)),
      lasting,
    )
  },
}
