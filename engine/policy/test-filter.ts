import { AssertionError } from 'node:assert'
import type { Filter, Services } from './filter.ts'
import type { Journey } from './journey.ts'
import { LiveMessage } from './live-message.ts'
import type { AttributeValue, HttpRequest, Message } from './message.ts'
import { Refusal } from './refusal.ts'
import { checkAgainst } from './schema.ts'
import { buildRequest, type RequestSpec } from './test-request.ts'

/** What a filter is tried with. */
export interface FilterCase {
  /** Its settings, as a policy would write them; by default the filter's example. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Attributes that stand on the message when it comes. */
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly request?: Partial<RequestSpec>
  /** Services that the filter uses; by default a silent log and the time of day. */
  readonly services?: Partial<Services>
}

export interface FilterResult {
  readonly outcome: string
  /** The message as the filter left it. */
  readonly message: Message
  readonly refusal?: Refusal
}

/**
 * Runs a filter once, as a policy would, and holds it to its definition.
 *
 * It fails with an `AssertionError` when the settings do not pass the filter's schema, when the
 * filter reads what it does not declare, does not write what it promises for its outcome, writes
 * what it does not declare, or ends by an outcome that it does not declare. What the filter throws
 * is thrown.
 *
 * @example
 * it('greets whom the settings name', async () => {
 *   const { outcome, message } = await testFilter(greet, { config: { whom: 'you' } })
 *   expect(outcome).to.equal('success')
 *   expect(message.get('greeting')).to.equal('Hello, you')
 * })
 */
export async function testFilter(filter: Filter, given: FilterCase = {}): Promise<FilterResult> {
  const config = checkConfig(filter, given.config ?? filter.example)
  const step = filter.create(config, servicesFor(filter, given.services))
  const message = watchedMessage(filter, config, given)
  const ending: unknown = await step(message)
  const refusal = ending instanceof Refusal ? ending : undefined
  const outcome = refusal ? 'failure' : ending
  if (!isOutcome(filter, outcome)) {
    throw broken(filter, `ends by ${String(outcome)}, which is none of its outcomes`)
  }
  checkWrites(filter, config, outcome, message)
  if (refusal) message.set('error', refusal)
  return { outcome, message, ...(refusal && { refusal }) }
}

/** Tells of a filter that does not keep to its definition as soon as it reads what it may not. */
class WatchedMessage extends LiveMessage {
  readonly #filter: Filter
  readonly #reads: readonly string[]
  readonly written = new Set<string>()

  constructor(filter: Filter, reads: readonly string[], attributes: Map<string, unknown>) {
    super(emptyJourney(), attributes)
    this.#filter = filter
    this.#reads = reads
  }

  override get<Name extends string>(name: Name): AttributeValue<Name> | undefined {
    this.#checkRead(name)
    return super.get(name)
  }

  override need<Name extends string>(name: Name): AttributeValue<Name> {
    this.#checkRead(name)
    return super.need(name)
  }

  override set<Name extends string>(name: Name, value: AttributeValue<Name>): void {
    this.written.add(name)
    super.set(name, value)
  }

  #checkRead(name: string): void {
    if (this.written.has(name) || this.#reads.some((read) => isWithin(name, read))) return
    throw broken(this.#filter, `reads "${name}", which "reads" does not declare`)
  }
}

function checkConfig(filter: Filter, config: unknown): unknown {
  const { value, problems } = checkAgainst(filter.config, config)
  const [problem] = problems
  if (!problem) return value
  const place = problem.pointer === '' ? '' : ` at ${problem.pointer}`
  throw broken(filter, `is given wrong settings${place}: ${problem.message}; ${problem.remedy}`)
}

function watchedMessage(filter: Filter, config: unknown, given: FilterCase): WatchedMessage {
  const { attributes = {} } = given
  const reads = filter.reads(config)
  const present = new Map<string, unknown>([
    ['request', requestFor(filter, config, given)],
    ...Object.entries(attributes),
  ])
  const absent = reads.find(
    (read) => isCertain(read) && ![...present.keys()].some((name) => isWithin(name, read)),
  )
  if (absent !== undefined) {
    throw broken(filter, `reads "${absent}", which the test does not give among its attributes`)
  }
  return new WatchedMessage(filter, ['request', ...reads.map(plainName)], present)
}

/** An expression that reads `a.b.c` may find it within the attribute `a.b`. */
function isWithin(attribute: string, read: string): boolean {
  return read === attribute || read.startsWith(`${attribute}.`)
}

function requestFor(filter: Filter, config: unknown, { request }: FilterCase): HttpRequest {
  const spec = { method: 'POST', path: '/', ...request }
  return buildRequest(spec, new Set(filter.confidential(config)))
}

function checkWrites(
  filter: Filter,
  config: unknown,
  outcome: string,
  { written }: WatchedMessage,
): void {
  const writes = filter.writes(config)
  // An open filter may leave by any name, and `__proto__` is one.
  const declared = (Object.hasOwn(writes, outcome) ? writes[outcome] : undefined) ?? []
  const forgotten = declared.find((name) => isCertain(name) && !written.has(name))
  if (forgotten !== undefined) {
    throw broken(filter, `does not write "${forgotten}" by ${outcome}, as "writes" promises`)
  }
  const names = new Set(declared.map(plainName))
  const undeclared = [...written].find((name) => !names.has(name))
  if (undeclared !== undefined) {
    throw broken(filter, `writes "${undeclared}" by ${outcome}, which "writes" does not declare`)
  }
}

function isOutcome({ outcomes }: Filter, outcome: unknown): outcome is string {
  return typeof outcome === 'string' && (outcomes === 'open' || outcomes.includes(outcome))
}

function servicesFor(filter: Filter, services: Partial<Services> = {}): Services {
  const missing = (what: string) => () => {
    throw broken(filter, `uses ${what}, which the test does not give among its services`)
  }
  const silent = () => {}
  return {
    log: { debug: silent, info: silent, warn: silent, error: silent },
    now: Date.now,
    policy: missing('a policy'),
    credential: missing('a credential'),
    collections: missing('the collections'),
    ...services,
  } as Services
}

function emptyJourney(): Journey {
  return { walked: [], tracer: undefined, mocks: undefined, fault: undefined }
}

function isCertain(name: string): boolean {
  return !name.endsWith('?')
}

function plainName(name: string): string {
  return name.replace(/\?$/, '')
}

function broken({ name }: Filter, message: string): AssertionError {
  return new AssertionError({ message: `the filter ${name} ${message}`, stackStartFn: testFilter })
}
