import { inspect } from 'node:util'

export const MASK = '[secret]'

/**
 * A raw token, code or password on its way between filters.
 *
 * Whatever prints, serialises or computes with it sees `[secret]`; only `reveal()` gives the text,
 * and only a filter that writes a response, a header or a store has a reason to call it.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}

/** The text of a request parameter, whether or not it is kept secret; `undefined` for anything else. */
export function reveal(value: unknown): string | undefined {
  if (value instanceof Secret) return value.reveal()
  return typeof value === 'string' ? value : undefined
}
