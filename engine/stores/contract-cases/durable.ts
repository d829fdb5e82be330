import assert from 'node:assert/strict'
import { type Case, findKeys, fromText, setExpired, toText } from './bench.ts'

export const durableCases: Readonly<Record<string, Case>> = {
  async 'remembers records and the order of their creation'({ open, reopen }) {
    const before = open(['owner'], 'kept')
    for (const key of ['c', 'a', 'b']) await before.set(key, toText({ owner: 'john' }), 600_000)
    await before.update('a', () => ({ text: toText({ owner: 'john', n: 1 }) }))
    await before.delete('b')
    await reopen()
    const store = open(['owner'], 'kept')
    assert.deepEqual(fromText(await store.get('a')), { owner: 'john', n: 1 })
    assert.equal(await store.get('b'), undefined)
    await store.set('0', toText({ owner: 'john' }))
    assert.deepEqual(await findKeys(store, 'owner', 'john'), ['c', 'a', '0'])
  },

  async 'remembers when records expire'({ open, reopen }) {
    const before = open([], 'kept')
    await before.set('b', toText({}), 600_000)
    await setExpired(before, 'a', toText({}))
    await reopen()
    const store = open([], 'kept')
    assert.equal(await store.get('a'), undefined)
    assert.deepEqual([await store.purgeExpired(10), await store.purgeExpired(10)], [1, 0])
    assert.equal(await store.has('b'), true)
  },
}
