import { expect } from 'chai'
import { DeadlineExceeded, Unavailable } from '../../../engine/policy/fault.ts'
import { defineFilter, type Step } from '../../../engine/policy/filter.ts'
import { FindingsError } from '../../../engine/policy/finding.ts'
import type { Message } from '../../../engine/policy/message.ts'
import { refuse } from '../../../engine/policy/refusal.ts'
import { formatPath, loadPolicies, type Program, runProgram } from '../../../engine/policy/run.ts'
import {
  checked,
  filterOf,
  type PolicyByHand,
  programOf,
  requestOf,
  respond,
  runPolicy,
  services,
} from './by-hand.ts'

const SUCCEED: Step = () => 'success'

/** One node that does this; refusals and faults are answered by nodes of their own. */
function around(step: Step, outcomes?: readonly string[] | 'open', timeLimit = 1000): PolicyByHand {
  const filter = filterOf(step, outcomes)
  const exits = outcomes === 'open' ? ['*'] : (outcomes ?? ['success', 'failure'])
  const on = Object.fromEntries(exits.map((exit) => [exit, exit === 'failure' ? 'refuse' : 'done']))
  return {
    timeLimit,
    fault: 'apologise',
    nodes: {
      work: { filter, on },
      done: { filter: respond(200), on: { success: '@success' } },
      refuse: { filter: respond(400), on: { success: '@failure' } },
      apologise: { filter: respond(500), on: { success: '@failure' } },
    },
  }
}

async function pathOf(program: Program): Promise<string> {
  return formatPath((await runProgram(program, requestOf())).walked)
}

function never(): Promise<never> {
  return new Promise(() => {})
}

describe('a run', () => {
  it('ends well by success, with what the policy answers', async () => {
    const run = await runProgram(programOf(around(SUCCEED)), requestOf())
    expect(run.end).to.equal('success')
    expect(run.response).to.deep.equal({ status: 200, headers: {}, body: 'status 200' })
    expect(formatPath(run.walked)).to.equal('work:success done:success')
    expect(run).to.not.have.any.keys('fault', 'refusal')
  })

  it('waits for a step that answers later', async () => {
    expect(await pathOf(programOf(around(async () => 'success')))).to.equal(
      'work:success done:success',
    )
  })

  it('runs synchronous steps one after the other within the same turn', () => {
    let answered = false
    const step: Step = () => {
      answered = true
      return 'success'
    }
    const policy = around(SUCCEED)
    const done = { filter: filterOf(step, ['success']), on: { success: '@success' } }
    void runProgram(programOf({ ...policy, nodes: { ...policy.nodes, done } }), requestOf())
    expect(answered).to.equal(true)
  })

  it('goes on by failure after a refusal, and keeps it as the attribute error', async () => {
    const refusal = refuse('invalid_request', 'no')
    let seen: unknown
    const policy = around(() => refusal)
    const show: Step = (message) => {
      seen = message.get('error')
      message.set('response', { status: 400, headers: {}, body: '' })
      return 'success'
    }
    const refuseNode = { filter: filterOf(show, ['success']), on: { success: '@failure' } }
    const program = programOf({ ...policy, nodes: { ...policy.nodes, refuse: refuseNode } })
    const run = await runProgram(program, requestOf())
    expect(formatPath(run.walked)).to.equal('work:failure refuse:success')
    expect(run.end).to.equal('failure')
    expect(run.refusal).to.equal(refusal)
    expect(seen).to.equal(refusal)
  })

  it('leaves a switch by the exit named, and by * for every other', async () => {
    for (const [exit, way] of [
      ['code', 'work:code done:success'],
      ['implicit', 'work:* refuse:success'],
      ['constructor', 'work:* refuse:success'],
    ] as const) {
      const policy = around(() => exit, 'open')
      const filter = filterOf(() => exit, 'open')
      const work = { filter, on: { code: 'done', '*': 'refuse' } }
      const program = programOf({ ...policy, nodes: { ...policy.nodes, work } })
      expect(await pathOf(program)).to.equal(way)
    }
  })
})

describe('a surprise', () => {
  const surprises: Readonly<Record<string, Step>> = {
    'a throw': () => {
      throw new Error('boom')
    },
    'a rejection': () => Promise.reject(new Error('boom')),
    'an outcome that the filter did not declare': () => 'sucess',
    'an inherited name as outcome': () => 'constructor',
    'no outcome at all': () => undefined as unknown as string,
    'an outcome that is no text': async () => 200 as unknown as string,
    'an attribute that is not there': (message) => String(message.need('nothing')),
  }

  for (const [name, step] of Object.entries(surprises)) {
    it(`leads to the fault node: ${name}`, async () => {
      const run = await runProgram(programOf(around(step)), requestOf())
      expect(formatPath(run.walked)).to.equal('work:fault apologise:success')
      expect(run.response.status).to.equal(500)
      expect(run.fault?.node).to.equal('work')
      expect(run.fault?.cause).to.be.instanceOf(Error)
    })
  }

  it('is a refusal of a filter that has no failure', async () => {
    const step = (() => refuse('invalid_request', 'no')) as unknown as Step
    const run = await runProgram(programOf(around(step, ['success'])), requestOf())
    expect(formatPath(run.walked)).to.equal('work:fault apologise:success')
    expect(run).to.not.have.property('refusal')
  })

  it('is a value of a switch that is no text', async () => {
    const step = (() => 7) as unknown as Step
    expect(await pathOf(programOf(around(step, 'open')))).to.equal('work:fault apologise:success')
  })

  it('keeps the attributes, names its node and cause, and takes back the answer', async () => {
    const cause = new Error('boom')
    const seen: Record<string, unknown> = {}
    const policy = around((message) => {
      message.set('kept', 'yes')
      message.set('response', { status: 200, headers: {}, body: 'revoked' })
      throw cause
    })
    const look: Step = (message) => {
      for (const name of message.names()) seen[name] = message.get(name)
      return 'success'
    }
    const apologise = { filter: filterOf(look, ['success']), on: { success: '@failure' } }
    const run = await runProgram(
      programOf({ ...policy, nodes: { ...policy.nodes, apologise } }),
      requestOf(),
    )
    expect(seen).to.deep.equal({
      request: requestOf(),
      kept: 'yes',
      fault: { node: 'work', cause },
    })
    expect(run.response.body).to.equal('server_error')
  })
})

describe('the answer of the engine itself', () => {
  const boom: Step = () => {
    throw new Error('boom: secret detail')
  }
  const gone: Step = () => {
    throw new Unavailable('no database', { retryAfter: 2.5 })
  }

  function withoutFaultNode(step: Step): Program {
    const { fault: _, ...policy } = around(step)
    return programOf(policy)
  }

  it('is 500 server_error where no node answers for a surprise', async () => {
    const run = await runProgram(withoutFaultNode(boom), requestOf())
    expect(run.end).to.equal('failure')
    expect(run.response).to.deep.equal({
      status: 500,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
      body: 'server_error',
    })
  })

  it('is 503 temporarily_unavailable with Retry-After while something does not answer', async () => {
    const run = await runProgram(withoutFaultNode(gone), requestOf())
    expect(run.response.status).to.equal(503)
    expect(run.response.body).to.equal('temporarily_unavailable')
    expect(run.response.headers).to.include({ 'retry-after': '3', 'cache-control': 'no-store' })
  })

  it('stands in for a fault path that throws too', async () => {
    const policy = around(gone)
    const apologise = { filter: filterOf(boom, ['success']), on: { success: '@failure' } }
    const run = await runProgram(
      programOf({ ...policy, nodes: { ...policy.nodes, apologise } }),
      requestOf(),
    )
    expect(formatPath(run.walked)).to.equal('work:fault apologise:fault')
    expect(run.response.status).to.equal(500)
    expect(run.fault?.node).to.equal('apologise')
  })

  it('stands in for a response that is missing or that nobody could send', async () => {
    const responses = [
      undefined,
      {},
      { status: 99, headers: {}, body: '' },
      { status: 200, headers: {}, body: {} },
    ]
    for (const response of responses) {
      const step: Step = (message) => {
        message.set('response', response as never)
        return 'success'
      }
      const run = await runProgram(
        programOf({
          nodes: {
            a: { filter: filterOf(step), on: { success: '@success', failure: '@failure' } },
          },
        }),
        requestOf(),
      )
      expect(run.end).to.equal('failure')
      expect(run.response).to.include({ status: 500, body: 'server_error' })
      expect(run.fault?.cause).to.have.property(
        'message',
        'the policy demo ended without a response',
      )
    }
  })
})

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

describe('loading policies', () => {
  it('creates the filter of every node once, with its settings', async () => {
    const created: unknown[] = []
    const filter = defineFilter({
      name: 'test/counted',
      summary: 'Counts.',
      outcomes: ['success'],
      create(config) {
        created.push(config)
        return (message) => {
          message.set('response', { status: 200, headers: {}, body: '' })
          return 'success'
        }
      },
    })
    const program = programOf({
      nodes: { a: { filter, config: { one: 1 }, on: { success: '@success' } } },
    })
    await pathOf(program)
    await pathOf(program)
    expect(created).to.deep.equal([{ one: 1 }])
  })

  it('names every node whose filter could not be created, and why', () => {
    const broken = defineFilter({
      name: 'test/broken',
      summary: 'Cannot be created.',
      outcomes: ['success'],
      create() {
        throw new Error('no such key')
      },
    })
    const notAStep = { ...broken, create: () => 'step' as unknown as Step }
    const policy = checked({
      nodes: {
        a: { filter: broken, on: { success: 'b' } },
        b: { filter: notAStep, on: { success: 'c' } },
        c: {
          filter: runPolicy,
          config: { policy: 'nowhere' },
          on: { success: '@success', failure: '@failure' },
        },
      },
    })
    const load = () =>
      loadPolicies(new Map([['demo', policy]]), services, () => ({ line: 7, column: 3 }))
    expect(load).to.throw(
      FindingsError,
      'policies/demo.json:7:3 create-failed the filter test/broken of the node "a" could not be created: no such key',
    )
    expect(load).to.throw(
      FindingsError,
      'the node "b" could not be created: create answered no function',
    )
    expect(load).to.throw(
      FindingsError,
      'the node "c" could not be created: there is no policy "nowhere"',
    )
  })
})
