import { parseBasic } from '../http/basic.ts'
import { MASK, Secret } from './secret.ts'

const DEPTH = 12

/** A shorter text stands in half of all others, so that hiding it would garble them, and so tell it. */
const SHORTEST = 6

/**
 * Shows values to a person without the secrets in them: no `Secret`, and no text that holds what
 * some `Secret` that has been learnt holds, as it is or as it stands in a URL or in JSON.
 */
export class SecretMask {
  readonly #known = new Set<string>()

  /** A copy made of JSON values; it holds no `Secret`, but perhaps a text to be hidden yet. */
  copy(value: unknown, depth = DEPTH): unknown {
    if (value instanceof Secret) return this.#learn(value.reveal())
    if (typeof value === 'bigint') return String(value)
    if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
    if (typeof value !== 'object' || value === null) return value
    if (depth === 0) return '[deeper]'
    if (value instanceof Error) return { name: value.name, message: value.message }
    if (value instanceof Date) return value.toISOString()
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if (value instanceof Map) return this.copy([...value], depth)
    if (value instanceof Set || Array.isArray(value)) {
      return [...value].map((item) => this.copy(item, depth - 1))
    }
    return mapObject(value, ([name, item]) => [name, this.copy(item, depth - 1)])
  }

  /** The copy with every text that is known by now hidden. */
  hide(copy: unknown): unknown {
    if (typeof copy === 'string') return this.hideIn(copy)
    if (Array.isArray(copy)) return copy.map((item) => this.hide(item))
    if (typeof copy !== 'object' || copy === null) return copy
    return mapObject(copy, ([name, item]) => [this.hideIn(name), this.hide(item)])
  }

  /** The same for an object whose names are ours, not a client's. */
  hideMembers(copy: unknown): Record<string, unknown> {
    return mapObject(copy as object, ([name, item]) => [name, this.hide(item)])
  }

  hideIn(text: string): string {
    // The longest first, or what is left of it would tell about it.
    const known = [...this.#known].sort((left, right) => right.length - left.length)
    return known.reduce((shown, secret) => shown.replaceAll(secret, MASK), text)
  }

  #learn(text: string): string {
    this.#know(text)
    const [, credentials] = /^[A-Za-z]+ +(.+)$/.exec(text) ?? []
    if (credentials !== undefined) this.#know(credentials)
    const basic = parseBasic(text)
    if (basic) this.#know(basic.password.reveal())
    return MASK
  }

  #know(text: string): void {
    if (text.length < SHORTEST) return
    this.#known.add(text)
    this.#known.add(JSON.stringify(text).slice(1, -1))
    this.#known.add(new URLSearchParams([['', text]]).toString().slice(1))
    // By way of bytes, because a lone surrogate cannot be encoded.
    this.#known.add(encodeURIComponent(Buffer.from(text).toString()))
  }
}

function mapObject(
  object: object,
  change: (entry: [string, unknown]) => readonly [string, unknown],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(change))
}
