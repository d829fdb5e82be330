import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { initialTransition, transition } from 'xstate'
import type { Step } from '../../../../engine/policy/filter.ts'
import type { CheckedPolicy } from '../../../../engine/policy/policy.ts'
import {
  eventOf,
  FINAL_STATES,
  type Machine,
  toMachine,
} from '../../../../engine/policy/run/compile.ts'
import { loadPolicies, type Program, runProgram } from '../../../../engine/policy/run/run.ts'
import { deriveTable, NO_EDGE, nextState, type Table } from '../../../../engine/policy/run/table.ts'
import { standardFilters } from '../../../../filters/index.ts'
import { checked, filterOf, type PolicyByHand, requestOf, services } from './by-hand.ts'
import { randomPolicies } from './random-policies.ts'

const ROOT = new URL('../../../../policies/', import.meta.url)

/** The shipped policies as their files have them, whatever lint says. */
const shipped = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json') && !file.endsWith('.test.json'))
  .map((file) => readPolicy(file.slice(0, -'.json'.length)))

function readPolicy(name: string): CheckedPolicy {
  const { nodes, ...rest } = JSON.parse(readFileSync(new URL(`${name}.json`, ROOT), 'utf8'))
  const entries = Object.entries<{ filter: string; on: Record<string, string> }>(nodes)
  const made = entries.map(([node, { filter, on }]) => {
    const known = standardFilters.find((one) => one.name === filter)
    expect(known, `${name} uses ${filter}`).to.not.equal(undefined)
    return [node, { filter: filterOf(() => '', known?.outcomes), on }] as const
  })
  return checked({ ...rest, name, nodes: Object.fromEntries(made) } as PolicyByHand)
}

function walkMachine(machine: Machine, events: readonly string[]): string[] {
  let [snapshot] = initialTransition(machine)
  const way = [String(snapshot.value)]
  for (const type of events) {
    if (snapshot.status !== 'active') break
    ;[snapshot] = transition(machine, snapshot, { type })
    way.push(String(snapshot.value))
  }
  return way
}

/** As in the machine, an event that a state does not have leaves it where it is. */
function walkTable(table: Table, events: readonly string[]): string[] {
  let state = table.start
  const way = [table.states[state] ?? '']
  for (const event of events) {
    if (FINAL_STATES.some((end) => end === table.states[state])) break
    const column = table.events.indexOf(event)
    const next = column < 0 ? NO_EDGE : nextState(table, state, column)
    state = next === NO_EDGE ? state : next
    way.push(table.states[state] ?? '')
  }
  return way
}

const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 30 })

function expectSameWalk(policy: CheckedPolicy, chosen: readonly number[]): void {
  const machine = toMachine(policy)
  const table = deriveTable(machine)
  const known = [...table.events, 'unheard-of']
  const events = chosen.map((pick) => known[pick % known.length] ?? '')
  expect(walkTable(table, events)).to.deep.equal(walkMachine(machine, events))
}

/** Has every node end as chosen, faults included, and holds the way against the machine. */
async function expectSameRun(policy: CheckedPolicy, chosen: readonly number[]): Promise<void> {
  const endings = new Map(
    [...policy.nodes.values()].map((node, index) => {
      const outcomes = [...Object.keys(node.on), 'a throw']
      return [node.name, outcomes[(chosen[index % chosen.length] ?? 0) % outcomes.length] ?? '']
    }),
  )
  const program = loadPolicies(new Map([[policy.name, policy]]), services).get(policy.name)
  const mocks = new Map([...endings].map(([node, ending]) => [node, stepFor(ending)]))
  const { walked, end } = await runProgram(program as Program, requestOf(), { mocks })

  const machine = toMachine(policy)
  const way = [policy.start]
  const events: string[] = []
  for (let node = policy.nodes.get(policy.start); node; node = policy.nodes.get(way.at(-1) ?? '')) {
    const ending = endings.get(node.name) ?? ''
    events.push(ending === 'a throw' ? 'fault' : eventOf(node, ending))
    way.splice(0, way.length, ...walkMachine(machine, events))
  }
  expect(walked.map(({ node }) => node)).to.deep.equal(way.slice(0, -1))
  expect(end).to.equal(way.at(-1) === '@success' ? 'success' : 'failure')
}

function stepFor(ending: string): Step {
  return (message) => {
    if (ending === 'a throw') throw new Error('boom')
    message.set('response', { status: 200, headers: {}, body: '' })
    return ending === '*' ? 'nothing listed' : ending
  }
}

describe('the transition table', () => {
  it('takes the same walk as the machine, on random policies', () => {
    const property = fc.property(randomPolicies, picks, (policy, chosen) => {
      expectSameWalk(checked(policy), chosen)
    })
    fc.assert(property, { numRuns: 300 })
  })

  for (const policy of shipped) {
    it(`takes the same walk as the machine, on ${policy.name}`, () => {
      fc.assert(fc.property(picks, (chosen) => expectSameWalk(policy, chosen)))
    })
  }

  it('leads by every edge where the policy says, and by a fault to the fault node', () => {
    const property = fc.property(randomPolicies, (policy) => {
      const { nodes } = checked(policy)
      const table = deriveTable(toMachine(checked(policy)))
      for (const node of nodes.values()) {
        const row = table.states.indexOf(node.name)
        for (const [outcome, target] of Object.entries(node.on)) {
          const next = nextState(table, row, table.events.indexOf(eventOf(node, outcome)))
          expect(table.states[next], `${node.name} ${outcome}`).to.equal(target)
        }
        const afterFault = nextState(table, row, table.events.indexOf('fault'))
        expect(table.states[afterFault]).to.be.oneOf([policy.fault, '@fault'])
      }
    })
    fc.assert(property)
  })
})

describe('a run by the table', () => {
  it('takes the same way as the machine, on random policies', async () => {
    const property = fc.asyncProperty(randomPolicies, picks, (policy, chosen) =>
      expectSameRun(checked(policy), chosen),
    )
    await fc.assert(property, { numRuns: 300 })
  })

  for (const policy of shipped) {
    it(`takes the same way as the machine, on ${policy.name}`, async () => {
      await fc.assert(fc.asyncProperty(picks, (chosen) => expectSameRun(policy, chosen)))
    })
  }
})

describe('the machine of a policy', () => {
  const shared: PolicyByHand = {
    nodes: {
      check: { filter: filterOf(() => 'success'), on: { success: '@success', failure: 'refuse' } },
      apologise: { filter: filterOf(() => 'success', ['success']), on: { success: 'refuse' } },
      refuse: { filter: filterOf(() => 'success', ['success']), on: { success: '@failure' } },
    },
    fault: 'apologise',
  }

  it('leads a fault of a node to the fault node', () => {
    expect(walkMachine(toMachine(checked(shared)), ['fault'])).to.deep.equal(['check', 'apologise'])
  })

  it('leads a fault on the fault path to @fault, also from a node that other paths share', () => {
    const machine = toMachine(checked(shared))
    expect(walkMachine(machine, ['fault', 'fault']).at(-1)).to.equal('@fault')
    expect(walkMachine(machine, ['failure', 'fault']).at(-1)).to.equal('@fault')
  })

  it('leads every fault to @fault where the policy has no fault node', () => {
    const { nodes } = shared
    expect(walkMachine(toMachine(checked({ nodes })), ['fault']).at(-1)).to.equal('@fault')
  })

  it('refuses an outcome that means something to the machine itself', () => {
    for (const outcome of ['fault', '*', 'a.*']) {
      const filter = filterOf(() => outcome, [outcome])
      const nodes = { a: { filter, on: { [outcome]: '@success' } } }
      expect(() => toMachine(checked({ nodes }))).to.throw(
        `the filter test/step may not call an outcome "${outcome}"`,
      )
    }
  })
})
