import { expect } from 'chai'
import { FindingsError } from '../../../engine/policy/finding.ts'
import { formatPath, loadPolicies, runProgram } from '../../../engine/policy/run/run.ts'
import evaluate from '../../../filters/flow/evaluate.ts'
import policy from '../../../filters/flow/policy.ts'
import setAttributes from '../../../filters/flow/set-attributes.ts'
import respond from '../../../filters/http/respond.ts'
import respondJson from '../../../filters/http/respond-json.ts'
import { checked, type PolicyByHand, requestOf, services } from '../../engine/policy/run/by-hand.ts'

/** Succeeds for POST; writes `checked` before it looks. */
const child: PolicyByHand = {
  name: 'check/method',
  nodes: {
    note: {
      filter: setAttributes,
      config: { attributes: { checked: { var: 'request.method' } } },
      on: { success: 'look' },
    },
    look: {
      filter: evaluate,
      config: { condition: { '==': [{ var: 'checked' }, 'POST'] } },
      on: { success: '@success', failure: '@failure' },
    },
  },
}

const parent: PolicyByHand = {
  name: 'parent',
  nodes: {
    check: {
      filter: policy,
      config: { policy: 'check/method' },
      on: { success: 'answer', failure: 'refuse' },
    },
    answer: {
      filter: respondJson,
      config: { status: 200, headers: {}, body: { checked: { var: 'checked' } } },
      on: { success: '@success' },
    },
    refuse: {
      filter: respond,
      config: { status: 405, headers: {}, body: '' },
      on: { success: '@failure' },
    },
  },
}

function load(...policies: readonly PolicyByHand[]) {
  return loadPolicies(new Map(policies.map((one) => [one.name ?? '', checked(one)])), services)
}

async function run(method: string) {
  const program = load(parent, child).get('parent')
  if (program === undefined) throw new Error('the policy was not loaded')
  return runProgram(program, requestOf({ method }))
}

describe('flow/policy', () => {
  it('runs the policy, leaves by its end, and hands on what it wrote', async () => {
    const { walked, response, end } = await run('POST')
    expect(formatPath(walked)).to.equal(
      'check/note:success check/look:success check:success answer:success',
    )
    expect(response).to.include({ status: 200, body: '{"checked":"POST"}' })
    expect(end).to.equal('success')
  })

  it('leaves by failure where the policy ends so', async () => {
    const { walked, response, end } = await run('GET')
    expect(formatPath(walked)).to.equal(
      'check/note:success check/look:failure check:failure refuse:success',
    )
    expect(response.status).to.equal(405)
    expect(end).to.equal('failure')
  })

  it('can be loaded before the policy that it runs, or after', () => {
    expect([...load(child, parent).keys()]).to.deep.equal(['check/method', 'parent'])
    expect([...load(parent, child).keys()]).to.deep.equal(['parent', 'check/method'])
  })

  it('is not created for a policy that there is not', () => {
    expect(() => load(parent)).to.throw(FindingsError, /there is no policy "check\/method"/)
  })
})
