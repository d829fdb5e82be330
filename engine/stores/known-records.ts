import { freezeDeeply } from '../policy/freeze.ts'

interface Known<Value> {
  readonly text: string
  readonly value: Value
}

const MOST = 1000
const LONGEST = 4096

/**
 * Records by key, with the texts that they were read from: the same text again gives the same record.
 * It saves the parsing and nothing else, for the text is read from the store every time. All who ask
 * share the record, so it is frozen.
 */
export class KnownRecords<Value extends object> {
  readonly #known = new Map<string, Known<Value>>()

  /** The record of that text, which a store has just read under the key. */
  read(key: string, text: string): Value {
    const known = this.#known.get(key)
    if (known?.text === text) return known.value
    const value: Value = freezeDeeply(JSON.parse(text).value)
    this.#known.delete(key)
    if (text.length <= LONGEST) this.#remember(key, { text, value })
    return value
  }

  #remember(key: string, record: Known<Value>): void {
    if (this.#known.size === MOST) {
      // The one that was learnt first; whoever is asked for again is learnt again.
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest)
        break
      }
    }
    this.#known.set(key, record)
  }
}
