import assert from 'node:assert/strict'
import { KEEP, REMOVE } from '../contract.ts'
import { type Case, findKeys, fromText, scanKeys, together, toText } from './bench.ts'

const countUp = (current: string | undefined) => ({
  text: toText(Number(fromText(current) ?? 0) + 1),
})

export const updateCases: Readonly<Record<string, Case>> = {
  async 'answers with what was there and what is there now'({ open }) {
    const store = open()
    const [one, two] = [toText(1), toText(2)]
    assert.deepEqual(await store.update('a', () => ({ text: one })), { after: one })
    assert.deepEqual(await store.update('a', () => ({ text: two })), { before: one, after: two })
    assert.deepEqual(await store.update('a', () => KEEP), { before: two, after: two })
    assert.deepEqual(await store.update('a', () => REMOVE), { before: two })
    assert.deepEqual(await store.update('a', () => REMOVE), {})
    assert.deepEqual(await store.update('a', () => KEEP), {})
    assert.deepEqual(await scanKeys(store), [])
  },

  async 'loses none of 200 updates at once'({ open }) {
    const store = open()
    await together(200, () => store.update('a', countUp))
    assert.equal(fromText(await store.get('a')), 200)
  },

  async 'loses no update among other keys, writes and deletions'({ open }) {
    const store = open()
    await together(200, async (n) => {
      await store.update(`k${n % 4}`, countUp)
      await store.set(`s${n}`, toText(n))
      if (n % 2 === 0) await store.delete(`s${n}`)
    })
    const counts = await store.getMany(['k0', 'k1', 'k2', 'k3'])
    assert.deepEqual(counts.map(fromText), [50, 50, 50, 50])
    assert.equal((await scanKeys(store)).length, 104)
  },

  async 'lets one taker have a record, by update and by delete'({ open }) {
    const store = open()
    for (let round = 0; round < 10; round++) {
      await store.set('a', toText(round))
      const takes = await together(20, (n) =>
        n % 2 === 0
          ? store.delete('a')
          : Promise.resolve(
              store.update('a', (current) => (current === undefined ? KEEP : REMOVE)),
            ).then(({ before }) => before !== undefined),
      )
      assert.equal(takes.filter(Boolean).length, 1)
    }
  },

  async 'lets one creator have a key'({ open }) {
    const store = open()
    const changes = await together(50, (n) =>
      store.update('a', (current) => (current === undefined ? { text: toText(n) } : KEEP)),
    )
    const winner = changes.findIndex(({ before }) => before === undefined)
    assert.equal(changes.filter(({ before }) => before === undefined).length, 1)
    assert.equal(fromText(await store.get('a')), winner)
  },

  async 'changes nothing where the function throws, and tells only its caller'({ open }) {
    const store = open(['owner'])
    await store.set('a', toText({ owner: 'john' }))
    const ends = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, n) =>
        store.update(n % 2 === 0 ? 'a' : `b${n}`, (current) => {
          if (n % 2 === 0) throw new Error(`no ${n}`)
          return { text: current ?? toText({ owner: 'jane' }) }
        }),
      ),
    )
    assert.deepEqual(
      ends.map((end) => (end.status === 'rejected' ? end.reason.message : '')),
      ends.map((_, n) => (n % 2 === 0 ? `no ${n}` : '')),
    )
    assert.deepEqual(fromText(await store.get('a')), { owner: 'john' })
    assert.equal((await findKeys(store, 'owner', 'jane')).length, 10)
  },

  async 'reads what an acknowledged write has left'({ open }) {
    const store = open()
    const stale: unknown[] = []
    await together(20, async (n) => {
      for (let round = 0; round < 10; round++) {
        await store.set(`k${n}`, toText(round))
        const read = fromText(await store.get(`k${n}`))
        if (read !== round) stale.push(read)
      }
    })
    assert.deepEqual(stale, [])
  },

  async 'moves a record to the index value that an update gave it, in order of creation'({ open }) {
    const store = open(['owner', 'state'])
    const give = (owner: string) => () => ({ text: toText({ owner, state: 'live' }) })
    for (const key of ['c', 'a', 'b']) await store.update(key, give('john'))
    await store.update('a', give('jane'))
    await store.update('c', give('jane'))
    assert.deepEqual(await findKeys(store, 'owner', 'john'), ['b'])
    assert.deepEqual(await findKeys(store, 'owner', 'jane'), ['c', 'a'])
    assert.deepEqual(await findKeys(store, 'state', 'live'), ['c', 'a', 'b'])
    await store.update('a', () => ({ text: toText({ state: null }) }))
    assert.deepEqual(await findKeys(store, 'owner', 'jane'), ['c'])
    assert.deepEqual(await findKeys(store, 'state', 'live'), ['c', 'b'])
    await store.update('c', () => REMOVE)
    await store.delete('b')
    for (const owner of ['john', 'jane'])
      assert.deepEqual(await findKeys(store, 'owner', owner), [])
  },
}
