import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '../../../engine/stores/open.ts'
import { openStore, type Store } from '../../../engine/stores/store.ts'
import { useFolder } from './folder.ts'
import { killOthers, startOther } from './other-process.ts'

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 5)

type Note = { owner: string; n: number }

async function findAll(store: Store<Note>, owner: string): Promise<string[]> {
  const keys: string[] = []
  let page = await store.find('owner', owner, { limit: 1000 })
  keys.push(...page.items.map(({ key }) => key))
  while (page.next !== undefined) {
    page = await store.find('owner', owner, { limit: 1000, cursor: page.next })
    keys.push(...page.items.map(({ key }) => key))
  }
  return keys
}

async function scanAll(store: Store<Note>): Promise<Map<string, Note>> {
  const records = new Map<string, Note>()
  for (let from: string | undefined; ; ) {
    const rows = await store.scan(from, 1000)
    for (const { key, value } of rows) records.set(key, value)
    if (rows.length < 1000) return records
    from = rows.at(-1)?.key
  }
}

/** The last state of each key that was acknowledged. */
function acknowledged(lines: readonly string[]): Map<string, string> {
  return new Map(lines.map((line) => line.split(' ').reverse() as [string, string]))
}

describe('an LMDB store whose process is killed', () => {
  const folder = useFolder()
  afterEach(killOthers)

  it(`has kept every acknowledged write, and none by half, in ${ROUNDS} rounds`, async function () {
    this.timeout(ROUNDS * 20_000)
    const path = join(folder(), 'killed')
    const states = new Map<string, string>()
    for (let round = 0; round < ROUNDS; round++) {
      const other = startOther(path, 'write', String(round))
      await other.said(100 + Math.floor(Math.random() * 1000))
      for (const [key, state] of acknowledged((await other.kill()).slice(1))) states.set(key, state)
      await inspect(path, states)
    }
  })
})

async function inspect(path: string, states: ReadonlyMap<string, string>): Promise<void> {
  const connection = await openConnection('main', { adapter: 'lmdb', path })
  const store = openStore<Note>(connection.collection('notes', { indexes: ['owner'] }), {
    name: 'notes',
  })
  const records = await scanAll(store)
  const lost = [...states].filter(([key, state]) => !isKept(key, state, records.get(key)))
  expect(lost).to.deep.equal([])
  const owners = new Set([...records.values()].map(({ owner }) => owner))
  const found: string[] = []
  for (const owner of owners) found.push(...(await findAll(store, owner)))
  expect(found.sort()).to.deep.equal([...records.keys()].sort())
  await connection.close()
}

function isKept(key: string, state: string, note: Note | undefined): boolean {
  if (state === 'deleted') return note === undefined
  if (state === 'moved') return note?.owner === 'moved'
  // Where a deletion was to follow, it may have been done, though nobody heard of it.
  const deletionFollows = Number(key.split('-')[2]) % 3 === 2
  return note !== undefined || deletionFollows
}
