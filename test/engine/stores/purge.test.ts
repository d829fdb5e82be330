import { EventEmitter, once } from 'node:events'
import { expect } from 'chai'
import type { Logger } from '../../../engine/policy/filter.ts'
import { connect } from '../../../engine/stores/memory.ts'
import { purgeAll, startPurger } from '../../../engine/stores/purge.ts'
import { openStore } from '../../../engine/stores/store.ts'

const SOON = 0.001

interface Line {
  readonly level: string
  readonly fields: object
  readonly text: string | undefined
}

/** A log that tells of each line. */
function recordLog(): Logger & { lines: Line[]; next(): Promise<Line> } {
  const lines: Line[] = []
  const arrivals = new EventEmitter()
  const write = (level: string) => (fields: object, text?: string) => {
    lines.push({ level, fields, text })
    arrivals.emit('line', lines.at(-1))
  }
  return {
    lines,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    next: async () => (await once(arrivals, 'line'))[0],
  }
}

async function openExpired(count: number) {
  let clock = 1_000_000
  const now = () => clock
  const connection = await connect({ adapter: 'memory', deadline: 3000 }, { now })
  const adapter = connection.collection('notes', { indexes: [] })
  const store = openStore(adapter, { name: 'notes', lifetime: 'end', now })
  for (let n = 0; n < count; n++) await store.set(`k${n}`, { end: clock + 1000 })
  await store.set('lasting', { end: clock + 1_000_000 })
  clock += 2000
  return store
}

describe('a purger', () => {
  it('removes all that is expired, a thousand at a time, and says how many and how long', async () => {
    const store = await openExpired(2500)
    const batches: number[] = []
    const log = recordLog()
    const counted = {
      name: store.name,
      async purgeExpired(limit: number) {
        const removed = await store.purgeExpired(limit)
        batches.push(removed)
        return removed
      },
    }
    const purger = startPurger(counted, SOON, log)
    const { level, fields } = await log.next()
    await purger.stop()
    expect(level).to.equal('info')
    expect(fields).to.include({ store: 'notes', removed: 2500 })
    expect(fields).to.have.property('ms').that.is.a('number')
    expect(batches.slice(0, 3)).to.deep.equal([1000, 1000, 500])
    expect(await store.size()).to.deep.equal({ records: 1, expired: 0 })
  })

  it('says nothing when there was nothing to remove', async () => {
    const log = recordLog()
    const runs = new EventEmitter()
    const purgeExpired = async () => {
      runs.emit('run')
      return 0
    }
    const purger = startPurger({ name: 'notes', purgeExpired }, SOON, log)
    for (let run = 0; run < 3; run++) await once(runs, 'run')
    await purger.stop()
    expect(log.lines).to.deep.equal([])
  })

  it('warns of a failure by the name of the store, and tries again', async () => {
    const log = recordLog()
    const cause = new Error('gone')
    let attempts = 0
    const purgeExpired = async () => {
      if (++attempts === 1) throw cause
      return attempts === 2 ? 7 : 0
    }
    const purger = startPurger({ name: 'notes', purgeExpired }, SOON, log)
    const warning = await log.next()
    const success = await log.next()
    await purger.stop()
    expect(warning).to.deep.include({ level: 'warn', fields: { store: 'notes', err: cause } })
    expect(warning.text).to.contain('"notes"')
    expect(success.fields).to.include({ removed: 7 })
  })

  it('waits, when it is stopped, for the batch that is running, and begins no other', async () => {
    const begun = new EventEmitter()
    let finish = (_removed: number) => {}
    let running = 0
    let calls = 0
    const purgeExpired = async () => {
      calls++
      expect(++running).to.equal(1)
      begun.emit('batch')
      const removed = await new Promise<number>((resolve) => {
        finish = resolve
      })
      running--
      return removed
    }
    const purger = startPurger({ name: 'notes', purgeExpired }, SOON, recordLog())
    await once(begun, 'batch')
    const stopped = purger.stop().then(() => running)
    finish(1000)
    expect(await stopped).to.equal(0)
    expect(calls).to.equal(1)
  })

  it('can be done once, at an operator’s command', async () => {
    const store = await openExpired(1001)
    expect(await purgeAll(store)).to.equal(1001)
    expect(await purgeAll(store)).to.equal(0)
  })
})
