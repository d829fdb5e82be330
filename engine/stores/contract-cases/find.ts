import assert from 'node:assert/strict'
import { KEEP, type StoreAdapter } from '../contract.ts'
import { type Case, findKeys, fromText, together, toText } from './bench.ts'

const oddValues = [
  '',
  ' ',
  '  ',
  'a',
  'A',
  'a:b',
  'a:b:c',
  'a/b',
  '%',
  '_',
  '*',
  '?',
  '"',
  "'; DROP TABLE records; --",
  '\\',
  '\\n',
  '\n',
  'ä',
  'a\u0308',
  '😀',
  '\u{10ffff}',
  '\uffff',
  '\u0000',
  '\u0001',
  '\u00010',
  '\u00011',
  '\\u0000',
  '\ud800',
  '\ud801',
  '\udc00\ud800',
  '["a"]',
  '1',
  '01',
  'true',
  'null',
  '__proto__',
  `${'long '.repeat(2000)}1`,
  `${'long '.repeat(2000)}2`,
  `${'\u0000'.repeat(600)}1`,
  `${'\u0000'.repeat(600)}2`,
]

async function fill(store: StoreAdapter, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 500) {
    await together(Math.min(500, to - at), (n) =>
      store.set(`k${at + n}`, toText({ owner: 'john' })),
    )
  }
}

export const findCases: Readonly<Record<string, Case>> = {
  async 'gives records in order of creation, page by page'({ open }) {
    const store = open(['owner'])
    const keys = Array.from({ length: 25 }, (_, n) => `k${(n * 7) % 25}`)
    for (const key of keys) await store.set(key, toText({ owner: 'john', key }))
    await store.set('other', toText({ owner: 'jane' }))
    for (const limit of [1, 5, 7, 24, 25, 26]) {
      assert.deepEqual(await findKeys(store, 'owner', 'john', limit), keys)
    }
    const { items, next } = await store.find('owner', 'john', { limit: 25 })
    assert.equal(next, undefined)
    assert.deepEqual(fromText(items[3]?.text), { owner: 'john', key: keys[3] })
    assert.deepEqual(await store.find('owner', 'nobody', { limit: 5, total: true }), {
      items: [],
      total: 0,
    })
  },

  async 'skips and repeats nothing while others insert, delete and update'({ open }) {
    const store = open(['owner'])
    await fill(store, 0, 60)
    const text = toText({ owner: 'john', touched: true })
    let n = 60
    const seen = await findKeys(store, 'owner', 'john', 7, async (keys) => {
      await store.delete(keys.at(-1) ?? '')
      await store.delete(keys[0] ?? '')
      await store.update(`k${n % 60}`, (current) => (current === undefined ? KEEP : { text }))
      if (n < 66) await store.set(`k${n++}`, text)
    })
    assert.equal(new Set(seen).size, seen.length)
    for (let lasting = 0; lasting < 60; lasting++) {
      assert.ok(seen.includes(`k${lasting}`), `k${lasting} was skipped`)
    }
  },

  async 'counts exactly up to 10,000, and answers 10,001 beyond'({ open }) {
    const store = open(['owner'])
    const total = async () => (await store.find('owner', 'john', { limit: 1, total: true })).total
    await fill(store, 0, 10_000)
    await store.set('other', toText({ owner: 'jane' }))
    assert.equal(await total(), 10_000)
    await fill(store, 10_000, 10_002)
    assert.equal(await total(), 10_001)
    const page = await store.find('owner', 'john', { limit: 10 })
    assert.equal('total' in page, false)
    const last = await store.find('owner', 'john', {
      limit: 10,
      cursor: page.next ?? '',
      total: true,
    })
    assert.equal(last.total, 10_001)
  },

  async 'keeps odd values apart'({ open }) {
    const store = open(['owner'])
    for (const [n, owner] of oddValues.entries()) await store.set(`k${n}`, toText({ owner }))
    for (const [n, owner] of oddValues.entries()) {
      assert.deepEqual(await findKeys(store, 'owner', owner), [`k${n}`], JSON.stringify(owner))
    }
  },

  async 'mixes up no index, value and key'({ open }) {
    const store = open(['a', 'ab', 'a:b'])
    await store.set('1', toText({ a: 'bc' }))
    await store.set('2', toText({ ab: 'c' }))
    await store.set('3', toText({ 'a:b': 'c' }))
    await store.set('b:c', toText({ a: 'b' }))
    await store.set('c', toText({ a: 'b:c' }))
    assert.deepEqual(await findKeys(store, 'a', 'bc'), ['1'])
    assert.deepEqual(await findKeys(store, 'ab', 'c'), ['2'])
    assert.deepEqual(await findKeys(store, 'a:b', 'c'), ['3'])
    assert.deepEqual(await findKeys(store, 'a', 'b'), ['b:c'])
    assert.deepEqual(await findKeys(store, 'a', 'b:c'), ['c'])
  },

  async 'finds numbers and booleans by their text, and nothing that a record does not hold'({
    open,
  }) {
    const store = open(['value', 'constructor'])
    const values = [42, '42', 9007199254740991, true, null, ['42'], { a: 42 }]
    for (const [n, value] of values.entries()) await store.set(`k${n}`, toText({ value }))
    await store.set('without', toText({}))
    assert.deepEqual(await findKeys(store, 'value', '42'), ['k0', 'k1'])
    assert.deepEqual(await findKeys(store, 'value', '9007199254740991'), ['k2'])
    assert.deepEqual(await findKeys(store, 'value', 'true'), ['k3'])
    for (const nothing of ['null', 'undefined', '', '[object Object]', '["42"]', '{"a":42}']) {
      assert.deepEqual(await findKeys(store, 'value', nothing), [])
    }
  },

  async 'refuses an index that is not declared, and a cursor that is none'({ open }) {
    const store = open(['owner'])
    const misuse = { name: 'Misuse' }
    await assert.rejects(async () => store.find('name', 'john', { limit: 1 }), misuse)
    for (const cursor of ['', 'x', '-1', "1'", '9'.repeat(400)]) {
      await assert.rejects(async () => store.find('owner', 'john', { limit: 1, cursor }), misuse)
    }
  },
}
