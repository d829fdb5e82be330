import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { storeContract } from '../../../engine/stores/contract-suite.ts'
import { connect, openEnvironment } from '../../../engine/stores/lmdb.ts'
import { openCollection } from '../../../engine/stores/lmdb-collection.ts'
import type { Environment, Table } from '../../../engine/stores/lmdb-environment.ts'
import { useFolder } from './folder.ts'
import { killOthers, startOther } from './other-process.ts'

const text = (value: object) => JSON.stringify({ value })

async function failure(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    return String(error)
  }
  throw new Error('it did not fail')
}

describe('LMDB', () => {
  const folder = useFolder()
  afterEach(killOthers)

  storeContract(
    { describe, it },
    {
      name: 'the LMDB store',
      connect: () => connect({ path: join(folder(), 'contract') }),
      durable: true,
    },
  )

  it('takes a folder with a dot in its name for a folder', async () => {
    const connection = await connect({ path: join(folder(), 'auth.example.com') })
    await connection.collection('any', { indexes: [] }).set('key', text({}))
    await connection.close()
    expect(await readdir(join(folder(), 'auth.example.com'))).to.include('data.mdb')
  })

  it('builds an index for records that were there before it was declared', async () => {
    const path = join(folder(), 'indexes')
    const openWith = async (...indexes: string[]) => {
      const connection = await connect({ path })
      return { connection, store: connection.collection('notes', { indexes }) }
    }
    const keysOf = async (store: Awaited<ReturnType<typeof openWith>>['store'], index: string) =>
      (await store.find(index, 'x', { limit: 10, total: true })).items.map(({ key }) => key)

    const first = await openWith('owner')
    for (const key of ['c', 'a', 'b']) await first.store.set(key, text({ owner: 'x', api: 'x' }))
    await first.connection.close()

    const second = await openWith('api')
    expect(await keysOf(second.store, 'api')).to.deep.equal(['c', 'a', 'b'])
    expect(await failure(() => second.store.find('owner', 'x', { limit: 1 }))).to.contain('owner')
    await second.store.delete('c')
    await second.store.set('d', text({ owner: 'x' }))
    await second.connection.close()

    const third = await openWith('api', 'owner')
    expect(await keysOf(third.store, 'owner')).to.deep.equal(['a', 'b', 'd'])
    expect(await keysOf(third.store, 'api')).to.deep.equal(['a', 'b'])
    await third.connection.close()
  })

  it('shows a reader what the process that holds it has just written', async () => {
    const path = join(folder(), 'read')
    const writer = startOther(path, 'write')
    await writer.said(2)
    const connection = await connect({ path }, { readOnly: true })
    const store = connection.collection('notes', { indexes: ['owner'] })
    await writer.said(500)
    const moved = writer.lines.filter((line) => line.startsWith('moved'))
    const keys = moved.map((line) => line.slice('moved '.length))
    for (const found of await store.getMany(keys)) expect(found).to.contain('"moved"')
    expect(seesGrowth(() => store.size())).to.equal(true)
    expect((await store.find('owner', 'moved', { limit: 100 })).items).to.have.length(100)
    await connection.close()
    await writer.kill()
  })

  it('takes no write from whoever opened it for reading', async () => {
    const path = join(folder(), 'read-only')
    const holder = await connect({ path })
    await holder.collection('notes', { indexes: [] }).set('a', text({}))
    const reader = await connect({ path }, { readOnly: true })
    const store = reader.collection('notes', { indexes: [] })
    expect(await store.get('a')).to.equal(text({}))
    for (const write of [() => store.set('a', ''), () => store.delete('a'), () => store.clear()]) {
      expect(await failure(write))
        .to.contain(path)
        .and.contain('for reading only')
    }
    expect(await failure(() => reader.collection('other', { indexes: [] }))).to.contain('"other"')
    expect(await failure(() => reader.collection('notes', { indexes: ['n'] }))).to.contain('n')
    await reader.close()
    await holder.close()
  })

  it('makes no store for a reader', async () => {
    const path = join(folder(), 'nowhere')
    const message = await failure(() => connect({ path }, { readOnly: true }))
    expect(message).to.contain(path).and.contain('start the gateway once')
    expect(await readdir(folder())).not.to.contain('nowhere')
  })

  it('finishes the writes that have begun when it is closed, and takes no others', async () => {
    const path = join(folder(), 'closed')
    const connection = await connect({ path })
    const store = connection.collection('notes', { indexes: [] })
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`)
    const writes = keys.map((key) => store.set(key, text({})))
    await connection.close()
    await Promise.all(writes)
    for (const call of [() => store.get('a'), () => store.set('a', ''), () => store.health()]) {
      expect(await failure(call))
        .to.contain(path)
        .and.contain('closed')
    }
    const again = await connect({ path })
    const found = await again.collection('notes', { indexes: [] }).getMany(keys)
    expect(found.filter((each) => each === undefined)).to.deep.equal([])
    await again.close()
  })

  it('names the path and the remedy when it cannot be opened', async () => {
    const file = join(folder(), 'file')
    await writeFile(file, '')
    for (const path of [file, join(file, 'below')]) {
      expect(await failure(() => connect({ path })))
        .to.contain(path)
        .and.contain('not a folder')
    }
    const foreign = join(folder(), 'foreign')
    await mkdir(foreign)
    await writeFile(join(foreign, 'data.mdb'), 'x'.repeat(8192))
    expect(await failure(() => connect({ path: foreign })))
      .to.contain(foreign)
      .and.contain('no LMDB file')
  })

  it('survives a full disk, says so, and has kept what it acknowledged', async () => {
    const script = fileURLToPath(new URL('./full-disk.ts', import.meta.url))
    const path = join(folder(), 'full')
    const command = `ulimit -S -f 2048; exec "${process.execPath}" --import tsx "${script}" "${path}"`
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command])
    const [report, ...more] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(more).to.deep.equal([])
    expect(report.refused).to.have.length(1)
    expect(report.refused[0])
      .to.contain(path)
      .and.match(/may not grow|disk is full/)
    expect(report.acknowledged).to.be.greaterThan(0)
    expect(report.present).to.equal(report.acknowledged)
    expect(report.problems).to.deep.equal(report.refused)
    expect(report.healths).to.deep.equal([...report.refused, ...report.refused, 'none'])
  })

  it('reads, when it purges, what is expired and nothing else', async () => {
    let clock = 1_000_000
    const environment = openEnvironment(join(folder(), 'purge'), { now: () => clock })
    const counter = { read: 0 }
    const collection = openCollection(counting(environment, counter), 'notes', ['owner'])
    const fill = async (from: number, count: number, ttl: number) => {
      const kept = { text: text({ owner: 'john' }), ttl }
      await Promise.all(
        Array.from({ length: count }, (_, n) => collection.update(`k${from + n}`, () => kept)),
      )
    }
    const costOfPurge = async () => {
      clock += 20
      counter.read = 0
      expect(await collection.purgeExpired(1000)).to.equal(100)
      return counter.read
    }
    await fill(0, 100, 10)
    const among100 = await costOfPurge()
    await fill(1000, 10_000, 1_000_000)
    await fill(0, 100, 10)
    expect(await costOfPurge()).to.equal(among100)
    await environment.close()
  })
})

/** Whether another process is seen to write though this one has not once let its turn end. */
function seesGrowth(size: () => unknown): boolean {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  const first = JSON.stringify(size())
  for (let tries = 0; tries < 500; tries++) {
    Atomics.wait(clock, 0, 0, 10)
    if (JSON.stringify(size()) !== first) return true
  }
  return false
}

/** The environment, counting every entry that is read. */
function counting(environment: Environment, counter: { read: number }): Environment {
  function* counted<T>(items: Iterable<T>): Generator<T> {
    for (const item of items) {
      counter.read++
      yield item
    }
  }
  const watch = (table: Table): Table => ({
    ...table,
    get(key) {
      counter.read++
      return table.get(key)
    },
    entries: (range) => counted(table.entries(range)),
    keys: (range) => counted(table.keys(range)),
  })
  return {
    ...environment,
    table(name) {
      const table = environment.table(name)
      return table && watch(table)
    },
  }
}
