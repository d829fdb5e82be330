import { expect } from 'chai'
import { type OpenPolicy, runPolicyTest } from '../../../../engine/policy/testing/policy-test.ts'
import { programOf } from '../run/by-hand.ts'
import { open, openParent, policyOn, SUCCESS, testOf, type Written } from './test-by-hand.ts'

describe('the coverage of a policy', () => {
  const refused = { token: 'unknown', expect: { status: 400 } }
  const outage = { mocks: { find: { throw: 'unavailable' } }, expect: { status: 500 } }

  async function coverageOf(...cases: readonly Written[]) {
    const { coverage } = await runPolicyTest(testOf(...cases), open)
    return coverage
  }

  it('lists the edges that no case has walked', async () => {
    expect(await coverageOf({ expect: SUCCESS })).to.deep.equal({
      policy: 'demo',
      walked: ['find:success', 'done:success'],
      byOutage: [],
      unwalked: ['find:failure', 'refuse:success', 'apologise:success', '*:fault'],
    })
  })

  it('is complete with every outcome walked for real, and one fault of any node', async () => {
    const { byOutage, unwalked } = await coverageOf({ expect: SUCCESS }, refused, outage)
    expect(unwalked).to.deep.equal([])
    expect(byOutage).to.deep.equal(['*:fault'])
  })

  it('does not count an edge as walked whose node was mocked', async () => {
    const mocked = { mocks: { find: { outcome: 'failure' } }, expect: { status: 200 } }
    const { walked, unwalked } = await coverageOf(mocked)
    expect(walked).to.deep.equal(['refuse:success'])
    expect(unwalked).to.include('find:failure')
  })

  it('lists apart what only an outage brings about', async () => {
    const mocks = { find: { outcome: 'failure', outage: true } }
    const { byOutage, unwalked } = await coverageOf({ mocks, expect: { status: 200 } })
    expect(byOutage).to.deep.equal(['find:failure'])
    expect(unwalked).to.not.include('find:failure')
  })

  it('does not take a fault on the fault path for one that the fault node answers', async () => {
    const mocks = { apologise: { throw: 'error' }, find: { throw: 'error' } }
    expect((await coverageOf({ mocks, expect: { status: 500 } })).byOutage).to.deep.equal([
      '*:fault',
    ])
    const policy = { ...policyOn(new Set()), fault: 'refuse' }
    const { nodes } = policy
    const opened: OpenPolicy = async () => ({
      program: programOf({
        ...policy,
        nodes: { find: nodes.find, done: nodes.done, refuse: nodes.refuse } as typeof nodes,
      }),
      confidential: new Set(),
      repeatable: new Set(),
    })
    const test = testOf({ mocks: { refuse: { throw: 'error' } }, expect: { status: 500 } })
    const { coverage } = await runPolicyTest(test, opened)
    expect(coverage.unwalked).to.include('*:fault')
  })

  it('knows of the edges that were walked in sub-policies', async () => {
    const { coverage, walks } = await runPolicyTest(testOf(refused), async (given) =>
      openParent(given),
    )
    expect(coverage.walked).to.deep.equal(['check:failure'])
    expect(walks).to.deep.include({
      policy: 'demo',
      node: 'find',
      outcome: 'failure',
      how: 'really',
    })
  })
})
