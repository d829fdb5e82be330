import { expect } from 'chai'
import { defineFilter, type Step } from '../../../engine/policy/filter.ts'
import type { Message } from '../../../engine/policy/message.ts'
import { refuse } from '../../../engine/policy/refusal.ts'
import { formatPath, runProgram } from '../../../engine/policy/run.ts'
import { filterOf, type PolicyByHand, programOf, requestOf, respond, runPolicy } from './by-hand.ts'

const parent: PolicyByHand = {
  name: 'parent',
  fault: 'apologise',
  nodes: {
    check: {
      filter: runPolicy,
      config: { policy: 'child' },
      on: { success: 'done', failure: 'refuse' },
    },
    done: { filter: respond(200), on: { success: '@success' } },
    refuse: { filter: respond(400), on: { success: '@failure' } },
    apologise: { filter: respond(500), on: { success: '@failure' } },
  },
}

function child(step: Step, more: Partial<PolicyByHand> = {}): PolicyByHand {
  return {
    name: 'child',
    ...more,
    nodes: {
      find: { filter: filterOf(step), on: { success: '@success', failure: '@failure' } },
      ...more.nodes,
    },
  }
}

async function run(first: PolicyByHand, ...others: PolicyByHand[]) {
  return runProgram(programOf(first, ...others), requestOf())
}

const boom: Step = () => {
  throw new Error('boom')
}

describe('a policy within a policy', () => {
  it('leads on by the end that it reached', async () => {
    const well = await run(
      parent,
      child(() => 'success'),
    )
    expect(formatPath(well.walked)).to.equal('check/find:success check:success done:success')
    const refusal = refuse('invalid_client', 'no')
    const badly = await run(
      parent,
      child(() => refusal),
    )
    expect(formatPath(badly.walked)).to.equal('check/find:failure check:failure refuse:success')
    expect(badly.refusal).to.equal(refusal)
  })

  it('keeps its refusal for the node behind the one that ran it', async () => {
    const refusal = refuse('invalid_client', 'no')
    let seen: unknown
    const look: Step = (message) => {
      seen = message.get('error')
      return 'success'
    }
    const refused = { filter: filterOf(look, ['success']), on: { success: '@failure' } }
    await run(
      { ...parent, nodes: { ...parent.nodes, refuse: refused } },
      child(() => refusal),
    )
    expect(seen).to.equal(refusal)
  })

  it('says of each node in which policy it stands', async () => {
    const { walked } = await run(
      parent,
      child(() => 'success'),
    )
    expect(walked.map(({ policy }) => policy)).to.deep.equal(['child', 'parent', 'parent'])
  })

  it('leaves what it wrote to the policy that ran it', async () => {
    const write: Step = (message) => {
      message.set('found', 'john')
      return 'success'
    }
    const read: Step = (message) => {
      message.set('response', { status: 200, headers: {}, body: String(message.need('found')) })
      return 'success'
    }
    const done = { filter: filterOf(read, ['success']), on: { success: '@success' } }
    const { response } = await run({ ...parent, nodes: { ...parent.nodes, done } }, child(write))
    expect(response.body).to.equal('john')
  })

  it('answers for its own surprise where it has a fault node', async () => {
    const apologise: Step = (message) => {
      message.set('caught', message.get('fault')?.node)
      return 'success'
    }
    const policy = child(boom, {
      fault: 'catch',
      nodes: { catch: { filter: filterOf(apologise, ['success']), on: { success: '@failure' } } },
    })
    const { walked, response, fault } = await run(parent, policy)
    expect(formatPath(walked)).to.equal(
      'check/find:fault check/catch:success check:failure refuse:success',
    )
    expect(response.status).to.equal(400)
    expect(fault?.node).to.equal('check/find')
  })

  it('leaves its surprise to the node that ran it where it has none', async () => {
    const { walked, response } = await run(parent, child(boom))
    expect(formatPath(walked)).to.equal('check/find:fault check:fault apologise:success')
    expect(response.status).to.equal(500)
  })

  it('leaves a surprise on its fault path to the node that ran it', async () => {
    const policy = child(boom, {
      fault: 'catch',
      nodes: { catch: { filter: filterOf(boom, ['success']), on: { success: '@failure' } } },
    })
    const { walked } = await run(parent, policy)
    expect(formatPath(walked)).to.equal(
      'check/find:fault check/catch:fault check:fault apologise:success',
    )
  })

  it('gives back the answer that stood before it when it had a surprise', async () => {
    const policy = child(
      (message) => {
        message.set('response', { status: 299, headers: {}, body: '' })
        throw new Error('boom')
      },
      {
        fault: 'catch',
        nodes: {
          catch: {
            filter: filterOf(() => 'success'),
            on: { success: '@success', failure: '@failure' },
          },
        },
      },
    )
    const first: PolicyByHand = {
      name: 'parent',
      nodes: {
        answer: { filter: respond(201), on: { success: 'check' } },
        check: {
          filter: runPolicy,
          config: { policy: 'child' },
          on: { success: '@success', failure: '@failure' },
        },
      },
    }
    expect((await run(first, policy)).response.status).to.equal(201)
  })

  it('can run a third', async () => {
    const middle: PolicyByHand = {
      name: 'child',
      nodes: {
        again: {
          filter: runPolicy,
          config: { policy: 'third' },
          on: { success: '@success', failure: '@failure' },
        },
      },
    }
    const { walked } = await run(parent, middle, { ...child(() => 'success'), name: 'third' })
    expect(formatPath(walked)).to.equal(
      'check/again/find:success check/again:success check:success done:success',
    )
  })

  it('has a time limit of its own, which its parent does not share', async () => {
    const policy = child(() => new Promise(() => {}), { timeLimit: 10 })
    const { walked, response } = await run(parent, policy)
    expect(formatPath(walked)).to.equal('check/find:fault check:fault apologise:success')
    expect(response.status).to.equal(500)
  })

  it('stops where it stands when its parent has run out of time', async () => {
    let handle: Message | undefined
    let ran = false
    let finish: (() => void) | undefined
    const slow: Step = async (message) => {
      handle = message
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      message.set('stolen', true)
      return 'success'
    }
    const after: Step = () => {
      ran = true
      return 'success'
    }
    const policy: PolicyByHand = {
      name: 'child',
      fault: 'after',
      nodes: {
        find: { filter: filterOf(slow, ['success']), on: { success: 'revoke' } },
        revoke: { filter: filterOf(after, ['success']), on: { success: '@success' } },
        after: { filter: filterOf(after, ['success']), on: { success: '@failure' } },
      },
    }
    const { walked, response } = await run({ ...parent, timeLimit: 10 }, policy)
    expect(formatPath(walked)).to.equal('check:fault apologise:success')
    expect(response.status).to.equal(500)
    expect(handle?.signal.aborted).to.equal(true)
    finish?.()
    await new Promise(setImmediate)
    expect(ran).to.equal(false)
    expect(handle?.has('stolen')).to.equal(false)
    expect(formatPath(walked)).to.equal('check:fault apologise:success')
  })

  it('does not begin when its parent has run out of time', async () => {
    let ran = false
    let finish: (() => void) | undefined
    const late = defineFilter({
      name: 'test/late',
      summary: 'Runs a policy too late.',
      outcomes: ['success', 'failure'],
      create: (_config, { policy }) => {
        const run = policy('child')
        return async (message) => {
          await new Promise<void>((resolve) => {
            finish = resolve
          })
          return run(message)
        }
      },
    })
    const check = { filter: late, on: { success: 'done', failure: 'refuse' } }
    const first = { ...parent, timeLimit: 10, nodes: { ...parent.nodes, check } }
    const { walked } = await run(
      first,
      child(() => {
        ran = true
        return 'success'
      }),
    )
    finish?.()
    await new Promise(setImmediate)
    expect(ran).to.equal(false)
    expect(formatPath(walked)).to.equal('check:fault apologise:success')
  })
})
