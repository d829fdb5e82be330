import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { type Preparation, startPreparation } from '../../../engine/gateway/preparation.ts'
import { Unavailable } from '../../../engine/policy/fault.ts'
import { recorder } from '../http/demo.ts'

describe('the preparation of stores', () => {
  let preparation: Preparation | undefined
  afterEach(() => preparation?.stop())

  const gone = () => Promise.reject(new Unavailable('the store "main" did not answer: gone'))
  const other = () => Promise.reject(new Error('the store has other keys'))

  /** One attempt after another; the last is repeated. */
  async function start(attempts: readonly (() => Promise<void>)[], patient = true) {
    const rest = [...attempts]
    let made = 0
    const { log, lines } = recorder()
    const prepare = () => {
      made += 1
      return (rest.length > 1 ? rest.shift() : rest[0])?.() ?? Promise.resolve()
    }
    preparation = await startPreparation({ prepare, patient, log })
    return { preparation, lines, made: () => made }
  }

  it('is over at once where all stores are there', async () => {
    const { preparation } = await start([async () => {}])
    expect(preparation.problem()).to.equal(undefined)
  })

  it('waits for a server that is down, says why, and ends by itself', async () => {
    const { preparation, made } = await start([gone, gone, gone, async () => {}])
    expect(preparation.problem()).to.equal('the store "main" did not answer: gone')
    while (preparation.problem() !== undefined) await nextTurn()
    expect(made()).to.equal(4)
  })

  it('waits for no store that cannot come', async () => {
    expect(await failure(start([gone], false))).to.contain('did not answer')
  })

  it('stops the start on whatever else is wrong', async () => {
    expect(await failure(start([other]))).to.equal('the store has other keys')
  })

  it('lets nothing through for good where that shows only later', async () => {
    const { preparation, made, lines } = await start([gone, other, async () => {}])
    while (made() < 2) await nextTurn()
    while (!lines.some(({ level }) => level === 'error')) await nextTurn()
    await preparation.stop()
    expect(made()).to.equal(2)
    expect(preparation.problem()).to.equal('the store has other keys')
  })

  it('tries no more when it is stopped', async () => {
    const { preparation, made } = await start([gone])
    await preparation.stop()
    const before = made()
    await nextTurn()
    expect(made()).to.equal(before)
    expect(preparation.problem()).to.contain('did not answer')
  })
})

function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'it did not fail',
    ({ message }: Error) => message,
  )
}
