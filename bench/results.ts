import type { ContenderName } from './contenders/contender.ts'
import type { Round, Work } from './work.ts'

/** What was measured, by contender and work, in the order of the rounds. */
export class Results {
  readonly #rounds = new Map<string, Round[]>()
  readonly #memory = new Map<ContenderName, number>()

  add(contender: ContenderName, work: Work, round: Round): void {
    this.rounds(contender, work).push(round)
  }

  rounds(contender: ContenderName, work: Work): Round[] {
    const key = `${contender}: ${work}`
    const known = this.#rounds.get(key) ?? []
    this.#rounds.set(key, known)
    return known
  }

  /** Bytes of memory that a living token takes. */
  weigh(contender: ContenderName, bytes: number): void {
    this.#memory.set(contender, bytes)
  }

  weight(contender: ContenderName): number | undefined {
    return this.#memory.get(contender)
  }
}
