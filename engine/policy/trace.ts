import type { Fault } from './fault.ts'
import type { Tracer, Walked } from './journey.ts'
import { SecretMask } from './mask.ts'
import type { HttpRequest } from './message.ts'
import type { Refusal } from './refusal.ts'
import { type Program, type Run, type RunOptions, runProgram } from './run.ts'

/** What a node did with the message. Secrets are masked throughout. */
export interface TraceStep {
  /** In a sub-policy with the nodes that led into it: `check/find-client`. */
  readonly node: string
  readonly filter: string
  /** `fault` for a surprise; `abandoned` for a step whose sub-policy was given up. */
  readonly outcome: string
  readonly milliseconds: number
  /** The attributes that it wrote. */
  readonly wrote: Readonly<Record<string, unknown>>
  readonly refusal?: unknown
  readonly fault?: unknown
}

/** A run, step by step in the order in which the nodes were entered; JSON throughout. */
export interface Trace {
  readonly policy: string
  readonly request: unknown
  readonly steps: readonly TraceStep[]
  readonly end: Run['end']
  readonly response: unknown
  /** Why the engine answered by itself, or the last surprise that the policy answered for. */
  readonly fault?: unknown
  readonly milliseconds: number
}

type OpenStep = { -readonly [Key in keyof TraceStep]: TraceStep[Key] } & { began: number }

/** Watches a run and says afterwards what it saw. */
export class RunTracer implements Tracer {
  readonly mask = new SecretMask()
  readonly #policy: string
  readonly #request: unknown
  readonly #began = performance.now()
  readonly #steps: OpenStep[] = []
  /** Entered and not left yet; the last one is at work. */
  readonly #open: OpenStep[] = []

  constructor(policy: string, request: HttpRequest) {
    this.#policy = policy
    // Before anything can be written, so that what came as a secret is known as one.
    this.#request = this.mask.copy(request)
  }

  entered(node: string, filter: string): void {
    const began = performance.now()
    const step = { node, filter, outcome: 'abandoned', milliseconds: 0, wrote: {}, began }
    this.#steps.push(step)
    this.#open.push(step)
  }

  wrote(attribute: string, value: unknown): void {
    const step = this.#open.at(-1)
    // Copied now, because it may change later; what is secret in it may become known later yet.
    const copy = this.mask.copy(value)
    if (step) step.wrote = { ...step.wrote, [attribute]: copy }
  }

  left({ node, outcome }: Walked, why: { refusal?: Refusal; fault?: Fault }): void {
    let step = this.#open.pop()
    while (step && step.node !== node) step = this.#open.pop()
    if (!step) return
    step.outcome = outcome
    step.milliseconds = performance.now() - step.began
    if (why.refusal) step.refusal = this.mask.copy(why.refusal)
    if (why.fault) step.fault = this.mask.copy(why.fault.cause)
  }

  /** What was seen, after the run. */
  report(run: Run): Trace {
    const { response, fault } = run
    const copy = this.mask.copy({ response, fault }) as Record<string, unknown>
    return {
      policy: this.#policy,
      request: this.mask.hideMembers(this.#request),
      steps: this.#steps.map(({ began: _, ...step }) => this.#hideIn(step)),
      end: run.end,
      response: this.mask.hideMembers(copy.response),
      ...(fault && { fault: this.mask.hide(copy.fault) }),
      milliseconds: performance.now() - this.#began,
    }
  }

  /** Names of nodes and filters are the policy's own, whatever the client may have sent. */
  #hideIn(step: TraceStep): TraceStep {
    const { wrote, refusal, fault } = step
    return {
      ...step,
      wrote: this.mask.hideMembers(wrote),
      ...(refusal !== undefined && { refusal: this.mask.hide(refusal) }),
      ...(fault !== undefined && { fault: this.mask.hide(fault) }),
    }
  }
}

/** Runs a policy for one request and tells node by node what happened. */
export async function traceRun(
  program: Program,
  request: HttpRequest,
  options: Omit<RunOptions, 'tracer'> = {},
): Promise<Trace> {
  const tracer = new RunTracer(program.policy.name, request)
  return tracer.report(await runProgram(program, request, { ...options, tracer }))
}
