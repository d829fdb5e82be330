import fc from 'fast-check'
import { filterOf, type NodeByHand, type PolicyByHand } from './by-hand.ts'

const PLAIN = ['success', 'failure', 'expired', 'unknown']
/** Exits of a switch that could be taken for something else by XState, by an object or by us. */
const EXITS = ['a.b', 'a.*', '*.b', 'a.\\x2a', '\\', 'fault', 'otherwise', '= x', 'toString', ' ']

const plain = filterOf(() => 'success', PLAIN)
const open = filterOf(() => 'x', 'open')

/** Acyclic policies: an edge leads to a later node or to an end. */
export const randomPolicies: fc.Arbitrary<PolicyByHand> = fc
  .integer({ min: 1, max: 12 })
  .chain((size) => {
    const names = Array.from({ length: size }, (_, index) => `n${index}`)
    const nodes = names.map((_, index) => randomNode(names.slice(index + 1)))
    const fault = fc.option(fc.constantFrom(...names), { nil: undefined })
    return fc.tuple(fc.tuple(...nodes), fault).map(([made, faultNode]) => ({
      nodes: Object.fromEntries(made.map((node, index) => [`n${index}`, node])),
      ...(faultNode !== undefined && { fault: faultNode }),
    }))
  })

function randomNode(later: readonly string[]): fc.Arbitrary<NodeByHand> {
  const target = fc.constantFrom(...later, '@success', '@failure')
  const kind = fc.oneof(
    fc.constant({ filter: plain, outcomes: PLAIN }),
    fc.subarray(EXITS).map((exits) => ({ filter: open, outcomes: [...exits, '*'] })),
  )
  return kind.chain(({ filter, outcomes }) =>
    fc.tuple(...outcomes.map(() => target)).map((targets) => ({
      filter,
      on: Object.fromEntries(outcomes.map((outcome, index) => [outcome, targets[index] ?? ''])),
    })),
  )
}
