import { answerForFault, isResponse } from './answer.ts'
import type { Fault } from './fault.ts'
import type { Step } from './filter.ts'
import type { Journey, Tracer, Walked } from './journey.ts'
import { LiveMessage } from './live-message.ts'
import type { HttpRequest, HttpResponse } from './message.ts'
import type { Program } from './program.ts'
import type { Refusal } from './refusal.ts'
import { walk } from './walk.ts'

export type { Tracer, Walked } from './journey.ts'
export { type Locate, loadPolicies, type Program, type ProgramNode } from './program.ts'

/** What became of a request. */
export interface Run {
  readonly end: 'success' | 'failure'
  readonly response: HttpResponse
  /** The way it took; `formatPath` prints it. */
  readonly walked: readonly Walked[]
  /** The last surprise, whether or not the policy answered for it. It goes to the log only. */
  readonly fault?: Fault
  /** Why it failed; absent where no refusal led to the end. */
  readonly refusal?: Refusal
}

export interface RunOptions {
  readonly tracer?: Tracer
  /** Steps by node that stand in for the real ones; for tests. */
  readonly mocks?: ReadonlyMap<string, Step>
}

/** Runs a policy for one request. It never rejects: where the policy has no answer, the engine has. */
export async function runProgram(
  program: Program,
  request: HttpRequest,
  options: RunOptions = {},
): Promise<Run> {
  const journey: Journey = {
    walked: [],
    tracer: options.tracer,
    mocks: options.mocks,
    fault: undefined,
  }
  const message = new LiveMessage(journey, new Map([['request', request]]))
  try {
    const end = await walk(program, message)
    const response = message.get('response')
    if (isResponse(response)) return report(message, end, response)
    journey.fault = unanswered(program, journey)
  } catch (cause) {
    journey.fault ??= { node: program.policy.start, cause }
  }
  return report(message, 'failure', answerForFault(journey.fault.cause))
}

/** `find-client:success revoke:success done:success` */
export function formatPath(walked: readonly Walked[]): string {
  return walked.map(({ node, outcome }) => `${node}:${outcome}`).join(' ')
}

function report(message: LiveMessage, end: Run['end'], response: HttpResponse): Run {
  const { walked, fault } = message.journey
  const refusal = end === 'failure' ? message.get('error') : undefined
  return { end, response, walked, ...(fault && { fault }), ...(refusal && { refusal }) }
}

function unanswered(program: Program, { walked }: Journey): Fault {
  const cause = new Error(`the policy ${program.policy.name} ended without a response`)
  return { node: walked.at(-1)?.node ?? program.policy.start, cause }
}
