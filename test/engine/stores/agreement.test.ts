import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  type Connection,
  KEEP,
  REMOVE,
  type StoreAdapter,
} from '../../../engine/stores/contract.ts'
import { openConnection } from '../../../engine/stores/open.ts'
import { usePostgres } from '../../support/postgres.ts'
import { useRedis } from '../../support/redis.ts'
import { useFolder } from './folder.ts'

type Step = (store: StoreAdapter) => unknown

const key = fc.constantFrom('a', 'b', 'c', ':d', '😀', '\uffff')
const owner = fc.constantFrom('john', 'jane', '', '\ud800', '\ud801', 'x'.repeat(3000))
const record = fc.record({ owner, n: fc.nat(3) }).map((value) => JSON.stringify({ value }))
const ttl = fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined })
const limit = fc.integer({ min: 1, max: 4 })

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, record, ttl).map(
    ([k, text, life]): Step =>
      (store) =>
        store.set(k, text, life),
  ),
  fc.tuple(key, record, ttl).map(
    ([k, text, life]): Step =>
      (store) =>
        store.update(k, (current) =>
          current === undefined || life === undefined ? { text } : { text, ttl: life },
        ),
  ),
  key.map(
    (k): Step =>
      (store) =>
        store.update(k, (current) => (current ? REMOVE : KEEP)),
  ),
  key.map(
    (k): Step =>
      (store) =>
        store.delete(k),
  ),
  key.map(
    (k): Step =>
      (store) =>
        store.get(k),
  ),
  fc.tuple(owner, limit).map(
    ([value, most]): Step =>
      (store) =>
        store.find('owner', value, { limit: most, total: true }),
  ),
  fc.tuple(fc.option(key, { nil: undefined }), limit).map(
    ([from, most]): Step =>
      (store) =>
        store.scan(from, most),
  ),
  limit.map(
    (most): Step =>
      (store) =>
        store.purgeExpired(most),
  ),
)

/** What each store is opened with; said inside a `describe`. */
const others: Readonly<Record<string, () => () => Readonly<Record<string, unknown>>>> = {
  LMDB() {
    const folder = useFolder()
    return () => ({ adapter: 'lmdb', path: join(folder(), 'agreement') })
  },
  PostgreSQL() {
    const server = usePostgres()
    let url = ''
    before(async () => {
      url = await server().createDatabase()
    })
    return () => ({ adapter: 'postgres', url })
  },
  Redis() {
    const server = useRedis()
    return () => ({ adapter: 'redis', url: server().url, prefix: 'agreement' })
  },
}

for (const [name, use] of Object.entries(others)) {
  describe(`the memory store and ${name}`, () => {
    const settings = use()
    let clock = 1_000_000
    const now = () => clock

    it('give the same answers, whatever is asked of them and when', async function () {
      this.timeout(60_000)
      const memory = await openConnection('one', { adapter: 'memory' }, { now })
      const other = await openConnection('two', settings(), { now })
      try {
        await compare(memory, other, (passing) => {
          clock += passing
        })
      } finally {
        await other.close()
      }
    })
  })
}

async function compare(
  memory: Connection,
  other: Connection,
  pass: (milliseconds: number) => void,
): Promise<void> {
  let run = 0
  const property = fc.asyncProperty(
    fc.array(fc.tuple(step, fc.nat(10)), { minLength: 20, maxLength: 80 }),
    async (steps) => {
      const name = `run-${run++ % 2}`
      const open = (it: Connection) => it.collection(name, { indexes: ['owner', 'n'] })
      const [one, two] = [open(memory), open(other)]
      for (const store of [one, two]) await store.clear()
      for (const [ask, passing] of steps) {
        expect(withoutCursor(await ask(two))).to.deep.equal(withoutCursor(await ask(one)))
        const { records, expired } = await two.size()
        expect({ records, expired }).to.deep.equal(await one.size())
        pass(passing)
      }
    },
  )
  await fc.assert(property, { numRuns: 60 })
}

/** Cursors are the store's own. */
function withoutCursor(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('next' in answer)) return answer
  return { ...answer, next: 'somewhere' }
}
