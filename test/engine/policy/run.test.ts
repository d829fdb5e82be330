import { expect } from 'chai'
import { Unavailable } from '../../../engine/policy/fault.ts'
import { defineFilter, type Filter, type Step } from '../../../engine/policy/filter.ts'
import { refuse } from '../../../engine/policy/refusal.ts'
import { formatPath, type Program, runProgram } from '../../../engine/policy/run.ts'
import { around, filterOf, pathOf, programOf, requestOf } from './by-hand.ts'

const SUCCEED: Step = () => 'success'

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

  describe('with several nodes that may fail', () => {
    const refusal = refuse('invalid_request', 'no')
    const fail: Step = () => 'failure'
    /** `first` refuses, then `second` ends so; what `done` and `refuse` find as `error` is told. */
    async function runOf(second: Filter) {
      const seen: unknown[] = []
      const look: Step = (message) => {
        seen.push(message.get('error'))
        message.set('response', { status: 200, headers: {}, body: '' })
        return 'success'
      }
      const policy = around(() => refusal)
      const on = { success: 'done', failure: 'refuse' }
      const nodes = {
        ...policy.nodes,
        work: { filter: filterOf(() => refusal), on: { success: 'done', failure: 'second' } },
        second: { filter: second, on },
        done: { filter: filterOf(look, ['success']), on: { success: '@success' } },
        refuse: { filter: filterOf(look, ['success']), on: { success: '@failure' } },
      }
      const run = await runProgram(programOf({ ...policy, nodes }), requestOf())
      return { run, seen }
    }

    it('does not take the refusal of one node for the reason of another', async () => {
      const { run, seen } = await runOf(filterOf(fail))
      expect(formatPath(run.walked)).to.equal('work:failure second:failure refuse:success')
      expect(seen).to.deep.equal([undefined])
      expect(run).not.to.have.property('refusal')
    })

    it('leaves it to a filter to say by itself why it failed', async () => {
      const own = refuse('access_denied', 'by hand')
      const filter = defineFilter({
        name: 'test/say',
        summary: 'Says why it fails.',
        outcomes: ['success', 'failure'],
        writes: { failure: ['error'] },
        create: () => (message) => {
          message.set('error', own)
          return 'failure'
        },
      })
      expect((await runOf(filter)).seen).to.deep.equal([own])
    })

    it('takes the exit of a switch for no failure, whatever its name', async () => {
      expect((await runOf(filterOf(fail, 'open'))).seen).to.deep.equal([refusal])
    })

    it('has no refusal to tell of when it ended well in spite of one', async () => {
      const { run, seen } = await runOf(filterOf(SUCCEED))
      expect(formatPath(run.walked)).to.equal('work:failure second:success done:success')
      expect(run.end).to.equal('success')
      expect(seen).to.deep.equal([refusal])
      expect(run).not.to.have.property('refusal')
    })
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
