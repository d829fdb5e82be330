import { expect } from 'chai'
import { DeadlineExceeded } from '../../../../engine/policy/fault.ts'
import type { Step } from '../../../../engine/policy/filter.ts'
import type { Message } from '../../../../engine/policy/message.ts'
import {
  formatPath,
  loadPolicies,
  type Program,
  runProgram,
} from '../../../../engine/policy/run/run.ts'
import { around, checked, filterOf, pathOf, programOf, requestOf, services } from './by-hand.ts'

function never(): Promise<never> {
  return new Promise(() => {})
}

describe('the time limit of a policy', () => {
  it('ends a step that does not, by a fault that says so, and aborts its signal', async () => {
    let signal: AbortSignal | undefined
    const policy = around(
      (message) => {
        signal = message.signal
        return never()
      },
      undefined,
      10,
    )
    const run = await runProgram(programOf(policy), requestOf())
    expect(formatPath(run.walked)).to.equal('work:fault apologise:success')
    expect(run.fault?.cause).to.be.instanceOf(DeadlineExceeded)
    expect(signal?.aborted).to.equal(true)
    expect(signal?.reason).to.equal(run.fault?.cause)
  })

  it('is a signal that has already aborted for a step that asks late', async () => {
    let handle: Message | undefined
    const policy = around(
      (message) => {
        handle = message
        return never()
      },
      undefined,
      10,
    )
    await runProgram(programOf(policy), requestOf())
    expect(handle?.signal.aborted).to.equal(true)
  })

  it('holds for the steps together, and anew for the fault path', async () => {
    const slow: Step = () => new Promise((resolve) => setTimeout(resolve, 30, 'success'))
    const policy = around(slow, undefined, 45)
    const done = { filter: filterOf(slow, ['success']), on: { success: '@success' } }
    const apologise = { filter: filterOf(slow, ['success']), on: { success: '@failure' } }
    const nodes = { ...policy.nodes, done, apologise }
    const path = await pathOf(programOf({ ...policy, nodes }))
    expect(path).to.equal('work:success done:fault apologise:success')
  })

  it('leaves the abandoned step nothing to write to, and swallows what it says in the end', async () => {
    const logged: object[] = []
    const log = { ...services.log, debug: (fields: object) => logged.push(fields) }
    const late = new Error('too late')
    let finish: (() => void) | undefined
    const slow: Step = async (message) => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      message.set('response', { status: 200, headers: {}, body: 'too late' })
      message.set('stolen', true)
      throw late
    }
    let handle: Message | undefined
    const policy = around(slow, undefined, 10)
    const apologise: Step = async (message) => {
      handle = message
      message.set('response', { status: 500, headers: {}, body: 'sorry' })
      finish?.()
      await new Promise(setImmediate)
      return 'success'
    }
    const nodes = {
      ...policy.nodes,
      apologise: { filter: filterOf(apologise, ['success']), on: { success: '@failure' } },
    }
    const program = loadPolicies(new Map([['demo', checked({ ...policy, nodes })]]), {
      ...services,
      log,
    }).get('demo')
    const run = await runProgram(program as Program, requestOf())
    expect(run.response.body).to.equal('sorry')
    expect(handle?.has('stolen')).to.equal(false)
    expect(logged).to.deep.equal([{ policy: 'demo', err: late }])
  })

  it('leaves nothing running when all went well', async () => {
    // From the first turn on mocha has its own timer.
    await Promise.resolve()
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    await pathOf(programOf(around(async () => 'success', undefined, 60_000)))
    const after = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    expect(after).to.equal(before)
  })
})
