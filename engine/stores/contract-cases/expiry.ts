import assert from 'node:assert/strict'
import { KEEP } from '../contract.ts'
import {
  type Case,
  expiry,
  findKeys,
  fromText,
  scanKeys,
  setExpired,
  together,
  toText,
} from './bench.ts'

const text = toText({ owner: 'john' })

export const expiryCases: Readonly<Record<string, Case>> = {
  async 'keeps a record while its time lasts'({ open }) {
    const store = open(['owner'])
    await store.set('a', text, 600_000)
    await store.update('b', () => ({ text, ttl: 600_000 }))
    assert.deepEqual(await store.getMany(['a', 'b']), [text, text])
    assert.equal(await store.purgeExpired(10), 0)
    assert.deepEqual(await findKeys(store, 'owner', 'john'), ['a', 'b'])
  },

  async 'refuses a ttl of 0, which Keyv takes for "for ever"'({ open }) {
    const store = open()
    for (const ttl of [0, -1, Number.NaN]) {
      await assert.rejects(async () => store.set('a', text, ttl))
      await assert.rejects(async () => store.update('a', () => ({ text, ttl })))
    }
    assert.equal(await store.get('a'), undefined)
  },

  async 'shows an expired record to nobody'({ open }) {
    const store = open(['owner'])
    await setExpired(store, 'a', text)
    await store.set('b', text)
    assert.deepEqual(await store.getMany(['a', 'b']), [undefined, text])
    assert.equal(await store.has('a'), false)
    assert.equal(await store.delete('a'), false)
    const found = await store.find('owner', 'john', { limit: 1, total: true })
    assert.deepEqual(found, { items: [{ key: 'b', text }], total: 1 })
    assert.deepEqual(await store.scan(undefined, 1), [{ key: 'b', text }])
    const seen: unknown[] = []
    const change = await store.update('a', (current) => {
      seen.push(current)
      return KEEP
    })
    assert.deepEqual([seen.at(-1), change], [undefined, {}])
  },

  async 'removes nothing when it reads, so that nobody loses what was just written anew'({ open }) {
    const store = open(['owner'])
    await setExpired(store, 'a', text)
    const reads = together(50, () => store.get('a'))
    const create = store.update('a', (current) => (current === undefined ? { text } : KEEP))
    const more = together(50, () => store.getMany(['a']))
    await Promise.all([reads, create, more])
    assert.equal(await store.get('a'), text)
    assert.deepEqual(await findKeys(store, 'owner', 'john'), ['a'])
  },

  async 'takes a record made anew for a new one'({ open }) {
    const store = open(['owner'])
    await setExpired(store, 'a', toText({ owner: 'jane' }))
    await store.set('b', text)
    await store.set('a', text)
    assert.deepEqual(await findKeys(store, 'owner', 'john'), ['b', 'a'])
    assert.deepEqual(await findKeys(store, 'owner', 'jane'), [])
  },

  async 'lets an update end the time of a record, or its end'({ open }) {
    const store = open(['owner'])
    await store.set('a', text, 50)
    await store.update('a', () => ({ text }))
    await store.set('b', text)
    await store.update('b', () => ({ text, ttl: 100 }))
    await expiry(store, 'b')
    assert.equal(await store.purgeExpired(10), 1)
    assert.deepEqual(await findKeys(store, 'owner', 'john'), ['a'])
  },

  async 'purges the expired only, no more than asked for, and their index entries'({ open }) {
    const store = open(['owner'])
    await together(25, (n) => store.set(`old${n}`, text, 5))
    await together(5, (n) => store.set(`young${n}`, text, 600_000))
    await together(5, (n) => store.set(`lasting${n}`, text))
    for (let n = 0; n < 25; n++) await expiry(store, `old${n}`)
    assert.equal((await store.size()).expired, 25)
    const purged: number[] = []
    for (let n = 0; n < 4; n++) purged.push(await store.purgeExpired(10))
    assert.deepEqual(purged, [10, 10, 5, 0])
    assert.equal((await store.size()).records, 10)
    assert.equal((await findKeys(store, 'owner', 'john')).length, 10)
    assert.equal((await scanKeys(store)).length, 10)
  },

  async 'counts the expired up to 10,000, and then says 10,001'({ open }) {
    const store = open()
    // Not all at once, for a busy server has a deadline for each.
    for (let first = 0; first < 10_050; first += 50) {
      await together(50, (n) => store.set(`old${first + n}`, text, 5))
    }
    await expiry(store, 'old10049')
    assert.equal((await store.size()).expired, 10_001)
    assert.equal(await store.purgeExpired(50), 50)
    assert.equal((await store.size()).expired, 10_000)
  },

  async 'purges no record that lives again'({ open }) {
    const store = open(['owner'])
    await setExpired(store, 'a', text)
    await setExpired(store, 'b', text)
    await store.set('a', text, 600_000)
    await store.update('b', () => ({ text }))
    assert.equal(await store.purgeExpired(10), 0)
    assert.deepEqual((await store.getMany(['a', 'b'])).map(fromText), [
      { owner: 'john' },
      { owner: 'john' },
    ])
  },
}
