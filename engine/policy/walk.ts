import { Deadline } from './deadline.ts'
import type { LiveMessage } from './live-message.ts'
import type { Program, ProgramNode } from './program.ts'
import { Refusal } from './refusal.ts'
import { nextState } from './table.ts'

/**
 * Takes a message through a policy by its table, from `start` to an end.
 *
 * A surprise leaves its node by the edge `fault` and goes on with a new message. Where no node of
 * the policy answers for it, it is thrown.
 */
export async function walk(program: Program, start: LiveMessage): Promise<'success' | 'failure'> {
  const { policy, table, nodes } = program
  const { tracer, mocks } = start.journey
  if (start.sealed) throw givenUp()
  const deadline = new Deadline(policy.name, policy.timeLimit, program.log)
  const answered = start.get('response')
  let message = start
  let state = table.start
  try {
    for (let node = nodes[state]; node; node = nodes[state]) {
      const place = message.place + node.name
      try {
        tracer?.entered(place, node.checked.filter.name)
        const answer = (mocks?.get(place) ?? node.step)(message)
        // Waiting for what is already there would cost every synchronous filter a turn of the event loop.
        const ending = isThenable(answer) ? await deadline.race(answer) : answer
        state = nextState(table, state, leave(program, node, message, ending))
      } catch (cause) {
        // Whoever began this walk has given it up: its surprise is nobody's.
        if (message.sealed) throw cause
        state = nextState(table, state, fail(program, node, message, cause))
        if (!nodes[state]) throw cause
        message = message.successor(cause)
        // What was to be answered before the fault must not be what is answered after it.
        message.restore('response', answered)
        message.set('fault', { node: place, cause })
        deadline.stop()
      }
    }
    return table.states[state] === '@success' ? 'success' : 'failure'
  } finally {
    deadline.stop()
  }
}

/** Notes by which outcome the node was left, and answers the outcome's event. */
function leave(program: Program, node: ProgramNode, message: LiveMessage, ending: unknown): number {
  if (message.sealed) throw givenUp()
  const refusal = ending instanceof Refusal ? ending : undefined
  const outcome = exitOf(node, refusal ? 'failure' : ending)
  const { journey } = message
  const walked = { policy: program.policy.name, node: message.place + node.name, outcome }
  if (refusal) message.set('error', refusal)
  // Why another node failed before is no answer to why this one did.
  else if (outcome === 'failure' && node.clearsError) message.restore('error', undefined)
  journey.walked.push(walked)
  journey.tracer?.left(walked, refusal ? { refusal } : {})
  return node.events.get(outcome) as number
}

/** Notes the surprise, and answers the event `fault`. */
function fail(program: Program, node: ProgramNode, message: LiveMessage, cause: unknown): number {
  const { journey } = message
  const place = message.place + node.name
  const walked = { policy: program.policy.name, node: place, outcome: 'fault' }
  journey.fault = { node: place, cause }
  journey.walked.push(walked)
  journey.tracer?.left(walked, { fault: journey.fault })
  return program.fault
}

/** The key of `on` by which the node is left; whatever was not foreseen is a surprise. */
function exitOf(node: ProgramNode, outcome: unknown): string {
  if (typeof outcome === 'string') {
    if (node.events.has(outcome)) return outcome
    if (node.checked.filter.outcomes === 'open' && node.events.has('*')) return '*'
  }
  const { name } = node.checked.filter
  throw new Error(
    `the filter ${name} ended by ${describe(outcome)}, which is no outcome of its node`,
  )
}

function givenUp(): Error {
  return new Error('the run was given up, so nothing more is done for it')
}

function describe(outcome: unknown): string {
  return typeof outcome === 'string'
    ? `"${outcome.slice(0, 80)}"`
    : `a value of type ${typeof outcome}`
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
