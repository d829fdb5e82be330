import { type ContenderName, contenderNames } from './contenders/contender.ts'
import type { Growth } from './growth.ts'
import { plan } from './plan.ts'
import { count, judge, type Promised } from './promises.ts'
import type { Results } from './results.ts'
import { type Figure, figureOf } from './statistics.ts'
import { type Round, roundTrips, works } from './work.ts'

type Row = readonly string[]

/** The ratios that DESIGN.md promises, as Markdown. */
export function ratioTable(promises: readonly Promised[]): string {
  const head = ['what', 'against', 'measured', 'by core time', 'promised', '']
  const rows = promises.map((promised) => {
    const { what, against, figure, byCore, unit, bound } = promised
    const wanted = 'atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`
    return [
      what,
      against,
      withSpread(figure, unit),
      byCore?.median.toFixed(2) ?? '',
      wanted + unit,
      judge(promised),
    ]
  })
  return markdown(head, rows)
}

/** What the ratios were made from. */
export function figureTable(results: Results): string {
  const head = [
    'work',
    'contender',
    'requests/s',
    'p50 ms',
    'p99 ms',
    'core used',
    'core µs',
    'round trips',
  ]
  const rows = works.flatMap((work) =>
    contenderNames.flatMap((name): Row[] => {
      const rounds = results.rounds(name, work)
      return rounds.length === 0 ? [] : [[work, name, ...figures(rounds), trips(name, work)]]
    }),
  )
  return markdown(head, rows)
}

function figures(rounds: readonly Round[]): Row {
  const of = (pick: (round: Round) => number) => figureOf(rounds.map(pick))
  const rate = of((round) => round.perSecond)
  return [
    `${whole(rate.median)} (${whole(rate.least)}–${whole(rate.most)})`,
    of((round) => round.p50).median.toFixed(2),
    of((round) => round.p99).median.toFixed(2),
    `${Math.round(of((round) => round.busy).median * 100)} %`,
    of((round) => round.cost).median.toFixed(0),
  ]
}

function trips(name: ContenderName, work: keyof typeof roundTrips): string {
  return /Sallyport|limit/.test(name) ? String(roundTrips[work]) : ''
}

/** What a living token takes. */
export function weightTable(results: Results, { bytes }: Pick<Growth, 'bytes'>): string {
  const rows = contenderNames.flatMap((name): Row[] => {
    const weight = results.weight(name)
    return weight === undefined ? [] : [[name, `${whole(weight)} bytes of memory`]]
  })
  const disk = [`LMDB with ${count(plan.large)} tokens`, `${whole(bytes)} bytes of disk`]
  return markdown(['', 'per living token'], [...rows, disk])
}

function withSpread({ median, least, most }: Figure, unit: string): string {
  return `**${short(median)}${unit}** (${short(least)}–${short(most)})`
}

function short(value: number): string {
  return value.toFixed(2)
}

function whole(value: number): string {
  return count(Math.round(value))
}

function markdown(head: Row, rows: readonly Row[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: Row) =>
    `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
