import { expect } from 'chai'
import fc from 'fast-check'
import { initialTransition, transition } from 'xstate'
import { eventOf, FINAL_STATES, type Machine, toMachine } from '../../../engine/policy/compile.ts'
import { deriveTable, nextState, type Table } from '../../../engine/policy/table.ts'
import { checked, filterOf, type PolicyByHand } from './by-hand.ts'

const PLAIN = ['success', 'failure', 'expired', 'unknown'] as const
const EXITS = [
  'read',
  'a.b',
  'a.*',
  '*.b',
  'a.\\x2a',
  '\\',
  'fault',
  'otherwise',
  '= x',
  'toString',
  ' ',
]

const plain = filterOf(() => 'success', PLAIN)
const open = filterOf(() => 'x', 'open')

/** Random acyclic policies: an edge leads to a later node or to an end. */
const policies: fc.Arbitrary<PolicyByHand> = fc
  .integer({ min: 1, max: 12 })
  .chain((size) => fc.tuple(...names(size).map((_, index) => nodeAt(index, size)), faultOf(size)))
  .map((parts) => {
    const fault = parts.at(-1) as string | undefined
    const nodes = parts.slice(0, -1) as PolicyByHand['nodes'][string][]
    const entries = nodes.map((node, index) => [`n${index}`, node] as const)
    return { nodes: Object.fromEntries(entries), ...(fault !== undefined && { fault }) }
  })

function names(size: number): string[] {
  return Array.from({ length: size }, (_, index) => `n${index}`)
}

function nodeAt(index: number, size: number) {
  const targets = [...names(size).slice(index + 1), '@success', '@failure']
  const keys = fc.oneof(
    fc.subarray([...PLAIN], { minLength: 1 }).map((outcomes) => ({ filter: plain, outcomes })),
    fc.subarray(EXITS).map((exits) => ({ filter: open, outcomes: [...exits, '*'] })),
  )
  return keys.chain(({ filter, outcomes }) =>
    fc
      .tuple(...outcomes.map((key) => fc.tuple(fc.constant(key), fc.constantFrom(...targets))))
      .map((edges) => ({ filter, on: Object.fromEntries(edges) })),
  )
}

function faultOf(size: number) {
  return fc.option(fc.constantFrom(...names(size)), { nil: undefined })
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

/** An event that a state does not have leaves it where it is, as in the machine. */
function walkTable(table: Table, events: readonly string[]): string[] {
  let state = table.start
  const way = [table.states[state] ?? '']
  for (const event of events) {
    if (FINAL_STATES.some((end) => end === table.states[state])) break
    const column = table.events.indexOf(event)
    const next = column < 0 ? -1 : nextState(table, state, column)
    state = next < 0 ? state : next
    way.push(table.states[state] ?? '')
  }
  return way
}

describe('the transition table', () => {
  it('takes the same walk as the machine that it is derived from', () => {
    const anyPick = fc.array(fc.nat(), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(policies, anyPick, (policy, picks) => {
        const machine = toMachine(checked(policy))
        const table = deriveTable(machine)
        const known = [...table.events, 'unheard-of']
        const events = picks.map((pick) => known[pick % known.length] ?? '')
        expect(walkTable(table, events)).to.deep.equal(walkMachine(machine, events))
      }),
      { numRuns: 300 },
    )
  })

  it('leads where the policy says, by every edge, and by a fault to the fault node', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const { nodes } = checked(policy)
        const table = deriveTable(toMachine(checked(policy)))
        for (const node of nodes.values()) {
          const row = table.states.indexOf(node.name)
          for (const [outcome, target] of Object.entries(node.on)) {
            const event = table.events.indexOf(eventOf(node, outcome))
            const next = nextState(table, row, event)
            expect(table.states[next], `${node.name} ${outcome}`).to.equal(target)
          }
          const afterFault = nextState(table, row, table.events.indexOf('fault'))
          expect(table.states[afterFault]).to.be.oneOf([policy.fault, '@fault'])
        }
      }),
    )
  })
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
    const fault = filterOf(() => 'fault', ['fault'])
    const make = () =>
      toMachine(checked({ nodes: { a: { filter: fault, on: { fault: '@success' } } } }))
    expect(make).to.throw('the filter test/step may not call an outcome "fault"')
  })
})
