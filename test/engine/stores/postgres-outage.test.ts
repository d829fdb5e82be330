import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Unavailable } from '../../../engine/policy/fault.ts'
import type { Connection } from '../../../engine/stores/contract.ts'
import { connect } from '../../../engine/stores/postgres.ts'
import { openStore, type Store } from '../../../engine/stores/store.ts'
import { usePostgres } from '../../support/postgres.ts'

interface Note {
  readonly owner: string
}

const DEADLINE = 1000
/** Nothing may take longer, whatever happens to the server. */
const PATIENCE = 5000
const note: Note = { owner: 'john' }

describe('PostgreSQL, when it cannot be had', function () {
  this.timeout(60_000)
  const server = usePostgres()
  let connections: Connection[] = []
  let url = ''

  before(async () => {
    url = await server().createDatabase()
  })
  afterEach(async () => {
    server().thaw()
    for (const connection of connections) await connection.close()
    connections = []
  })

  async function open(name: string, address = url) {
    const connection = await connect({ url: address, deadline: DEADLINE, poolSize: 5 })
    connections.push(connection)
    const adapter = connection.collection(name, { indexes: ['owner'] })
    return { connection, store: openStore<Note>(adapter, { name, deadline: DEADLINE }) }
  }

  it('does not end the process by cutting connections, idle and busy ones', async () => {
    const { store } = await open('cut')
    await Promise.all(Array.from({ length: 20 }, (_, n) => store.set(`k${n}`, note)))
    for (let round = 0; round < 5; round++) {
      const calls = Promise.allSettled(
        Array.from({ length: 20 }, (_, n) => store.set(`k${n}`, note)),
      )
      await server().ask(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL',
      )
      for (const end of await calls) {
        if (end.status === 'rejected') expect(end.reason).to.be.instanceOf(Unavailable)
      }
      await eventually(() => store.get('k1'))
    }
  })

  it('refuses every call within its deadline while it is frozen, then goes on', async () => {
    const { store, connection } = await open('frozen')
    await store.set('a', note)
    await server().freeze()
    const start = performance.now()
    for (const error of await Promise.all(everyCall(store).map((ask) => failure(ask())))) {
      expect(error).to.be.instanceOf(Unavailable)
    }
    for (const patient of [store, connection]) {
      const { reachable, problem } = await patient.health()
      expect(reachable).to.equal(false)
      expect(problem).to.be.a('string')
    }
    expect(performance.now() - start).to.be.lessThan(PATIENCE)
    server().thaw()
    expect(await eventually(() => store.get('a'))).to.deep.equal(note)
    expect((await connection.health()).reachable).to.equal(true)
  })

  for (const end of ['stop', 'kill'] as const) {
    it(`refuses every call after a ${end}, knows all that it acknowledged, and goes on by itself`, async () => {
      const { store, connection } = await open(end)
      const acknowledged: string[] = []
      let ended = false
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        for (let n = 0; !ended; n++) {
          const key = `${writer}-${n}`
          await store.set(key, note).then(
            () => acknowledged.push(key),
            () => sleep(20),
          )
        }
      })
      await sleep(200)
      await server()[end]()
      for (const ask of everyCall(store)) {
        expect(await failure(ask())).to.be.instanceOf(Unavailable)
      }
      expect((await connection.health()).problem).to.contain('127.0.0.1')
      await server().start()
      await eventually(() => store.get('a'))
      ended = true
      await Promise.all(writers)
      expect(acknowledged.length).to.be.greaterThan(10)
      for (let at = 0; at < acknowledged.length; at += 1000) {
        const found = await store.getMany(acknowledged.slice(at, at + 1000))
        expect(found).to.not.include(undefined)
      }
    })
  }

  it('becomes ready by itself when it is there after the gateway', async () => {
    await server().stop()
    const { store, connection } = await open('late')
    for (const ask of everyCall(store)) expect(await failure(ask())).to.be.instanceOf(Unavailable)
    const { reachable, problem } = await connection.health()
    expect(reachable).to.equal(false)
    expect(problem).to.contain('ECONNREFUSED').and.contain('start it')
    await server().start()
    await eventually(() => store.set('a', note))
    expect((await store.find('owner', 'john', { limit: 10 })).items).to.have.length(1)
    expect((await connection.health()).reachable).to.equal(true)
  })

  it('says in its health that the password is wrong', async () => {
    const wrong = new URL(url)
    wrong.password = 'wrong'
    const { store, connection } = await open('password', wrong.href)
    const error = await failure(store.get('a'))
    expect(error).to.be.instanceOf(Unavailable)
    const { reachable, problem } = await connection.health()
    expect(reachable).to.equal(false)
    expect(problem).to.contain('refuses the password')
    expect(`${error} ${problem}`).not.to.contain(wrong.password)
  })

  it('says in its health that it may not make its tables, and makes them when it may', async () => {
    await server().ask(`CREATE ROLE poor LOGIN PASSWORD 'poor'`)
    const poor = new URL(url)
    poor.username = 'poor'
    poor.password = 'poor'
    const address = await server().createDatabase()
    poor.pathname = new URL(address).pathname
    const { store, connection } = await open('permission', poor.href)
    expect(await failure(store.get('a'))).to.be.instanceOf(Unavailable)
    const { reachable, problem } = await connection.health()
    expect(reachable).to.equal(false)
    expect(problem).to.contain('42501').and.contain('USAGE')
    await server().ask('CREATE SCHEMA sallyport AUTHORIZATION poor', address)
    await eventually(() => store.set('a', note))
    expect((await connection.health()).reachable).to.equal(true)
  })

  it('can be closed while it is frozen', async () => {
    const { store, connection } = await open('closing')
    await store.set('a', note)
    await server().freeze()
    const call = failure(store.get('a'))
    const start = performance.now()
    await connection.close()
    expect(performance.now() - start).to.be.lessThan(PATIENCE)
    expect(await call).to.be.instanceOf(Unavailable)
    expect(await failure(store.get('a'))).to.be.instanceOf(Unavailable)
  })

  it('has done an update that lost its connection wholly or not at all', async () => {
    const { store } = await open('half')
    for (let round = 0; round < 20; round++) {
      const key = `k${round}`
      const update = store
        .update(key, () => note)
        .then(
          () => true,
          () => false,
        )
      await server().ask(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sallyport'`,
      )
      const done = await update
      const found = await eventually(() => store.get(key))
      if (done) expect(found).to.deep.equal(note)
      const found2 = await eventually(() => store.find('owner', 'john', { limit: 100 }))
      expect(found2.items.some((item) => item.key === key)).to.equal(found !== undefined)
    }
  })
})

function everyCall(store: Store<Note>): readonly (() => Promise<unknown>)[] {
  return [
    () => store.get('a'),
    () => store.getMany(['a', 'b']),
    () => store.set('a', note),
    () => store.delete('b'),
    () => store.update('a', () => note),
    () => store.find('owner', 'john', { limit: 1 }),
    () => store.scan(undefined, 10),
    () => store.purgeExpired(10),
    () => store.size(),
  ]
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

/** What it answers as soon as it answers. */
async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  const end = Date.now() + 20_000
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > end) throw error
      await sleep(50)
    }
  }
}
