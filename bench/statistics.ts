/** A figure measured in several rounds. */
export interface Figure {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = Float64Array.from(values).sort()
  return { median: quantile(sorted, 0.5), least: quantile(sorted, 0), most: quantile(sorted, 1) }
}

/** How often one is the other, round by round: what slows a round slows both. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Figure {
  return figureOf(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)))
}

/** Of sorted values; between two of them in proportion. */
export function quantile(sorted: Float64Array, part: number): number {
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}
