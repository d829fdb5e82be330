import assert from 'node:assert/strict'
import { Keyv } from 'keyv'
import { type Case, fromText, scanKeys, toText } from './bench.ts'

const oddKeys = [
  ':leading',
  '::leading',
  'leading',
  'Leading',
  'a:b',
  'a:b:c',
  'a/b',
  'a%b',
  'a_b',
  'a*b',
  "a'b",
  'a\\b',
  'a b',
  ' a b',
  'a\nb',
  'é',
  'e\u0301',
  '😀',
  '\u{10ffff}',
  '\uffff',
  '__proto__',
  'constructor',
  '0',
  'x'.repeat(512),
  `${'x'.repeat(511)}y`,
]

export const keyvCases: Readonly<Record<string, Case>> = {
  async 'gives back the text that was set, and nothing for another key'({ open }) {
    const store = open()
    await store.set('a', toText({ n: 1 }))
    assert.equal(await store.get('a'), toText({ n: 1 }))
    assert.equal(await store.get('b'), undefined)
    await store.set('a', toText({ n: 2 }))
    assert.equal(await store.get('a'), toText({ n: 2 }))
  },

  async 'keeps any text as it is'({ open }) {
    const store = open()
    const texts = ['', '"\\\'%_*', '\u0000\u001f', 'é😀\u{10ffff}', '\ud800', 'x'.repeat(300_000)]
    for (const [position, text] of texts.entries()) await store.set(`k${position}`, toText(text))
    for (const [position, text] of texts.entries()) {
      assert.equal(await store.get(`k${position}`), toText(text))
    }
  },

  async 'says what it has'({ open }) {
    const store = open()
    await store.set('a', toText({}))
    assert.equal(await store.has('a'), true)
    assert.equal(await store.has('b'), false)
  },

  async 'reads many keys in the order of asking'({ open }) {
    const store = open()
    for (const key of ['a', 'b', 'c']) await store.set(key, toText(key))
    const texts = await store.getMany(['c', 'missing', 'a', 'c'])
    assert.deepEqual(texts.map(fromText), ['c', undefined, 'a', 'c'])
    assert.deepEqual(await store.getMany([]), [])
  },

  async 'deletes once'({ open }) {
    const store = open()
    await store.set('a', toText({}))
    assert.equal(await store.delete('a'), true)
    assert.equal(await store.delete('a'), false)
    assert.equal(await store.get('a'), undefined)
  },

  async 'keeps odd keys apart'({ open }) {
    const store = open()
    for (const key of oddKeys) await store.set(key, toText(key))
    for (const key of oddKeys) assert.equal(fromText(await store.get(key)), key)
    assert.deepEqual((await store.getMany(oddKeys)).map(fromText), oddKeys)
    assert.equal(await store.delete(':leading'), true)
    assert.deepEqual(new Set(await scanKeys(store)), new Set(oddKeys.slice(1)))
  },

  async 'clears its own collection only'({ open }) {
    const [store, other] = [open(['owner']), open(['owner'])]
    for (const each of [store, other]) await each.set('a', toText({ owner: 'john' }), 60_000)
    await store.clear()
    assert.equal(await store.get('a'), undefined)
    assert.deepEqual((await store.find('owner', 'john', { limit: 1 })).items, [])
    assert.equal((await other.find('owner', 'john', { limit: 1 })).items.length, 1)
  },

  async 'keeps collections apart, and shows one collection to all who open it'({ open }) {
    const [store, same, other] = [open([], 'one'), open([], 'one'), open([], 'two')]
    await store.set('a', toText(1))
    assert.equal(fromText(await same.get('a')), 1)
    assert.equal(await other.get('a'), undefined)
    assert.deepEqual(await scanKeys(other), [])
  },

  async 'works under Keyv'({ open }) {
    const store = open(['owner'])
    const keyv = new Keyv({
      store,
      serialize: JSON.stringify,
      deserialize: JSON.parse,
      throwOnErrors: true,
    })
    await keyv.set(':a', { owner: ':john' })
    await keyv.set('b', { owner: 'jane' }, 60_000)
    assert.deepEqual(await keyv.get(':a'), { owner: ':john' })
    assert.deepEqual(await keyv.get(['b', 'c']), [{ owner: 'jane' }, undefined])
    assert.equal(await keyv.has('b'), true)
    const { items } = await store.find('owner', ':john', { limit: 10 })
    assert.deepEqual(
      items.map(({ text }) => fromText(text)),
      [{ owner: ':john' }],
    )
    assert.equal(await keyv.delete('b'), true)
    assert.equal(await keyv.delete('b'), false)
    await keyv.clear()
    assert.equal(await keyv.get(':a'), undefined)
  },

  async 'keeps Keyv namespaces apart'({ open }) {
    const settings = { serialize: JSON.stringify, deserialize: JSON.parse, throwOnErrors: true }
    const one = new Keyv({ store: open([], 'shared'), namespace: 'one', ...settings })
    const two = new Keyv({ store: open([], 'shared'), namespace: 'two', ...settings })
    await one.set('a', 1)
    await two.set('a', 2)
    await one.clear()
    assert.equal(await one.get('a'), undefined)
    assert.equal(await two.get('a'), 2)
  },

  async 'answers for its health and its size'({ open, connection }) {
    const store = open()
    for (const key of ['a', 'b']) await store.set(key, toText({}))
    for (const { reachable, roundTrip } of [await store.health(), await connection.health()]) {
      assert.equal(reachable, true)
      assert.ok(roundTrip >= 0)
    }
    const { records, expired } = await store.size()
    assert.deepEqual({ records, expired }, { records: 2, expired: 0 })
  },
}
