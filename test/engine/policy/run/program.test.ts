import { expect } from 'chai'
import { defineFilter, type Step } from '../../../../engine/policy/filter.ts'
import { FindingsError } from '../../../../engine/policy/finding.ts'
import { loadPolicies } from '../../../../engine/policy/run/run.ts'
import { checked, pathOf, programOf, runPolicy, services } from './by-hand.ts'

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
