import type { ContenderName } from './contenders/contender.ts'
import type { Growth } from './growth.ts'
import type { Results } from './results.ts'
import { type Figure, figureOf, ratioOf } from './statistics.ts'
import type { Work } from './work.ts'

/** A row of DESIGN.md, section 8, and what was measured. */
export interface Promised {
  readonly what: string
  readonly against: string
  readonly figure: Figure
  /** The same by the processor time that a request takes: what neither load nor disk can blur. */
  readonly byCore?: Figure
  readonly unit: string
  readonly bound: { readonly atLeast: number } | { readonly atMost: number }
}

type Comparison = readonly [work: Work, ours: ContenderName, theirs: ContenderName, atLeast: number]

const LMDB = 'Sallyport, LMDB'
const MEMORY = 'Sallyport, memory'

const comparisons: readonly Comparison[] = [
  ['introspect', LMDB, 'oidc-provider', 4],
  ['introspect', LMDB, 'limit, LMDB', 0.7],
  ['revoke unknown', LMDB, 'oidc-provider', 3],
  ['revoke unknown', LMDB, 'limit, LMDB', 0.7],
  ['issue', LMDB, 'oidc-provider', 1.4],
  ['issue', LMDB, 'limit, LMDB', 0.7],
  ['revoke', LMDB, 'oidc-provider', 1.4],
  ['revoke', LMDB, 'limit, LMDB', 0.7],
  ['issue', MEMORY, 'oidc-provider', 3],
  ['issue', MEMORY, 'limit, memory', 0.7],
  ['revoke', MEMORY, 'oidc-provider', 3],
  ['revoke', MEMORY, 'limit, memory', 0.7],
]

export function trafficPromises(results: Results): readonly Promised[] {
  return comparisons.map(([work, ours, theirs, atLeast]) => {
    const rates = (name: ContenderName) => results.rounds(name, work).map((r) => r.perSecond)
    const costs = (name: ContenderName) => results.rounds(name, work).map((r) => r.cost)
    return {
      what: `${work}: ${ours}`,
      against: theirs,
      figure: ratioOf(rates(ours), rates(theirs)),
      byCore: ratioOf(costs(theirs), costs(ours)),
      unit: '×',
      bound: { atLeast },
    }
  })
}

export function interpreterPromises(
  added: Readonly<Record<string, number[]>>,
): readonly Promised[] {
  return Object.entries(added).map(([kind, rounds]) => ({
    what: `interpreter, per ${kind} filter`,
    against: '',
    figure: figureOf(rounds),
    unit: ' µs',
    bound: { atMost: 1 },
  }))
}

export function growthPromises(
  { starts, purgesLarge, purgesSmall }: Growth,
  { large, small }: { readonly large: number; readonly small: number },
): readonly Promised[] {
  return [
    {
      what: `purge 1,000 expired among ${count(large)}`,
      against: `among ${count(small)}`,
      figure: ratioOf(purgesLarge, purgesSmall),
      unit: '×',
      bound: { atMost: 1.5 },
    },
    {
      what: `node … to first answer, LMDB with ${count(large)} tokens`,
      against: '',
      figure: figureOf(starts.map((time) => time / 1000)),
      unit: ' s',
      bound: { atMost: 0.5 },
    },
  ]
}

/** `met`, or by how much it was not. */
export function judge({ figure, bound }: Promised): string {
  const [promised, isMet] =
    'atLeast' in bound
      ? [bound.atLeast, figure.median >= bound.atLeast]
      : [bound.atMost, figure.median <= bound.atMost]
  if (isMet) return 'met'
  const off = Math.round(Math.abs(figure.median / promised - 1) * 100)
  return `MISSED by ${off} %`
}

export function count(number: number): string {
  return number.toLocaleString('en')
}
