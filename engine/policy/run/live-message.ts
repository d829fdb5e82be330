import type { AttributeValue, HttpRequest, Message } from '../message.ts'
import type { Journey } from './journey.ts'

/**
 * A message on its way: a handle on the attributes of one request.
 *
 * All handles of a request share its attributes, so that a sub-policy's writes are there for its
 * parent. A handle can be sealed: whoever still holds it, such as a step that ran out of time, can
 * then write no more.
 */
export class LiveMessage implements Message {
  readonly journey: Journey
  /** Where in the policies it is: empty, or the nodes that run a sub-policy: `check/`. */
  readonly place: string
  readonly #attributes: Map<string, unknown>
  readonly #parent: LiveMessage | undefined
  #controller: AbortController | undefined
  #signal: AbortSignal | undefined
  #sealedFor: unknown

  constructor(
    journey: Journey,
    attributes: Map<string, unknown>,
    place = '',
    parent: LiveMessage | undefined = undefined,
  ) {
    this.journey = journey
    this.#attributes = attributes
    this.place = place
    this.#parent = parent
  }

  get request(): HttpRequest {
    return this.#attributes.get('request') as HttpRequest
  }

  get signal(): AbortSignal {
    // Most requests never ask for it, so that it is made when somebody does.
    this.#signal ??= this.#makeSignal()
    return this.#signal
  }

  get sealed(): boolean {
    return this.#sealedFor !== undefined || (this.#parent?.sealed ?? false)
  }

  get<Name extends string>(name: Name): AttributeValue<Name> | undefined {
    return this.#attributes.get(name) as AttributeValue<Name> | undefined
  }

  need<Name extends string>(name: Name): AttributeValue<Name> {
    const value = this.#attributes.get(name)
    if (value === undefined) throw new Error(missing(name))
    return value as AttributeValue<Name>
  }

  set<Name extends string>(name: Name, value: AttributeValue<Name>): void {
    if (this.sealed) return
    this.journey.tracer?.wrote(name, value)
    this.restore(name, value)
  }

  has(name: string): boolean {
    return this.#attributes.has(name)
  }

  names(): IterableIterator<string> {
    return this.#attributes.keys()
  }

  /** The handle of a sub-policy: sealed with this one, aborted with this one, and by itself. */
  within(node: string): LiveMessage {
    return new LiveMessage(this.journey, this.#attributes, `${this.place}${node}/`, this)
  }

  /** The handle of the fault path. This one is sealed and aborts: what still runs with it is over. */
  successor(cause: unknown): LiveMessage {
    this.#sealedFor = cause ?? new Error('the step is over')
    this.#controller?.abort(this.#sealedFor)
    return new LiveMessage(this.journey, this.#attributes, this.place, this.#parent)
  }

  /** Puts an attribute back to what it was; nobody is told, for nobody wrote it. */
  restore(name: string, value: unknown): void {
    if (value === undefined) this.#attributes.delete(name)
    else this.#attributes.set(name, value)
  }

  #makeSignal(): AbortSignal {
    this.#controller = new AbortController()
    if (this.#sealedFor !== undefined) this.#controller.abort(this.#sealedFor)
    const own = this.#controller.signal
    return this.#parent ? AbortSignal.any([own, this.#parent.signal]) : own
  }
}

function missing(name: string): string {
  return `the message has no attribute "${name}"; declare it in "reads", then lint proves that it is there`
}
