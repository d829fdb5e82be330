const LONGEST_RUN = 512

/**
 * Items in order, in runs short enough that putting one in or taking one out moves little. `Place` is
 * as much of an item as its order needs, so that a place can be sought without an item.
 */
export class SortedList<Place, Item extends Place = Place> {
  readonly #compare: (a: Place, b: Place) => number
  readonly #runs: Item[][] = []

  constructor(compare: (a: Place, b: Place) => number) {
    this.#compare = compare
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0
  }

  add(item: Item): void {
    const at = Math.min(this.#findRun(item), Math.max(this.#runs.length - 1, 0))
    const run = this.#runs[at]
    if (run === undefined) {
      this.#runs.push([item])
      return
    }
    run.splice(this.#findIn(run, item), 0, item)
    if (run.length > LONGEST_RUN) this.#runs.splice(at + 1, 0, run.splice(LONGEST_RUN >> 1))
  }

  delete(place: Place): void {
    const at = this.#findRun(place)
    const run = this.#runs[at]
    if (run === undefined) return
    const index = this.#findIn(run, place)
    const item = run[index]
    if (item === undefined || this.#compare(item, place) !== 0) return
    run.splice(index, 1)
    if (run.length === 0) this.#runs.splice(at, 1)
  }

  /** The items behind that place, or all of them. The list must not change meanwhile. */
  *after(place?: Place): Generator<Item, void> {
    const at = place === undefined ? 0 : this.#findRun(place)
    const first = this.#runs[at]
    if (first === undefined) return
    yield* place === undefined ? first : first.slice(this.#findIn(first, place, 'behind'))
    for (let next = at + 1; next < this.#runs.length; next++) yield* this.#runs[next] ?? []
  }

  /** The first run whose last item is not before the place. */
  #findRun(place: Place): number {
    return lowerBound(this.#runs.length, (at) => {
      const last = this.#runs[at]?.at(-1)
      return last !== undefined && this.#compare(last, place) < 0
    })
  }

  #findIn(run: readonly Item[], place: Place, side: 'at' | 'behind' = 'at'): number {
    const highest = side === 'at' ? -1 : 0
    return lowerBound(run.length, (at) => {
      const item = run[at]
      return item !== undefined && Math.sign(this.#compare(item, place)) <= highest
    })
  }
}

/** How many of `length` positions, from the first on, are before what is sought. */
function lowerBound(length: number, isBefore: (at: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
