import {
  defineFilter,
  type Filter,
  type Services,
  type Step,
} from '../../../../engine/policy/filter.ts'
import type { HttpRequest } from '../../../../engine/policy/message.ts'
import type { CheckedPolicy } from '../../../../engine/policy/policy.ts'
import {
  formatPath,
  loadPolicies,
  type Program,
  runProgram,
} from '../../../../engine/policy/run/run.ts'

export interface NodeByHand {
  readonly filter: Filter
  readonly on: Readonly<Record<string, string>>
  readonly config?: unknown
}

export interface PolicyByHand {
  readonly name?: string
  readonly start?: string
  readonly fault?: string
  readonly timeLimit?: number
  readonly nodes: Readonly<Record<string, NodeByHand>>
}

/** A policy as lint hands it on. */
export function checked(policy: PolicyByHand): CheckedPolicy {
  const name = policy.name ?? 'demo'
  const nodes = Object.entries(policy.nodes).map(
    ([node, { filter, on, config }]) =>
      [node, { name: node, filter, on, config: config ?? {} }] as const,
  )
  return {
    name,
    file: `policies/${name}.json`,
    description: 'A policy of a test',
    service: 'tests',
    start: policy.start ?? Object.keys(policy.nodes)[0] ?? '',
    ...(policy.fault !== undefined && { fault: policy.fault }),
    timeLimit: policy.timeLimit ?? 1000,
    nodes: new Map(nodes),
  }
}

/** A filter that does this; `'open'` makes it a switch. */
export function filterOf(
  step: Step,
  outcomes: readonly string[] | 'open' = ['success', 'failure'],
): Filter {
  return defineFilter({
    name: `test/${step.name || 'step'}`,
    summary: 'Does what a test wants.',
    outcomes,
    create: () => step,
  })
}

/** A filter that answers with this status. */
export function respond(status: number): Filter {
  const step: Step = (message) => {
    message.set('response', { status, headers: {}, body: `status ${status}` })
    return 'success'
  }
  return filterOf(step, ['success'])
}

/** A filter that runs another policy. */
export const runPolicy = defineFilter({
  name: 'test/policy',
  summary: 'Runs another policy.',
  config: {
    type: 'object',
    properties: { policy: { type: 'string', refersTo: 'policy', description: 'Its name.' } },
    required: ['policy'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  create({ policy }, services) {
    const run = services.policy(policy)
    return (message) => run(message)
  },
})

export const services: Services = {
  log: { debug() {}, info() {}, warn() {}, error() {} },
  now: () => 0,
  policy: (name) => {
    throw new Error(`no policy ${name}`)
  },
  credential: () => () => false,
  collections: () => [],
  stores: () => [],
} as Partial<Services> as Services

/** The first of the policies, ready to run. */
export function programOf(...policies: readonly [PolicyByHand, ...PolicyByHand[]]): Program {
  const all = policies.map(checked).map((policy) => [policy.name, policy] as const)
  const program = loadPolicies(new Map(all), services).get(policies[0].name ?? 'demo')
  if (!program) throw new Error('the first policy was not loaded')
  return program
}

export function requestOf(changes: Partial<HttpRequest> = {}): HttpRequest {
  return {
    id: 'test',
    method: 'POST',
    path: '/demo',
    params: {},
    query: {},
    headers: {},
    contentType: '',
    form: {},
    address: '127.0.0.1',
    origin: 'http://127.0.0.1',
    ...changes,
  }
}

/** One node that does this; refusals and faults are answered by nodes of their own. */
export function around(
  step: Step,
  outcomes?: readonly string[] | 'open',
  timeLimit = 1000,
): PolicyByHand {
  const filter = filterOf(step, outcomes)
  const exits = outcomes === 'open' ? ['*'] : (outcomes ?? ['success', 'failure'])
  const on = Object.fromEntries(exits.map((exit) => [exit, exit === 'failure' ? 'refuse' : 'done']))
  return {
    timeLimit,
    fault: 'apologise',
    nodes: {
      work: { filter, on },
      done: { filter: respond(200), on: { success: '@success' } },
      refuse: { filter: respond(400), on: { success: '@failure' } },
      apologise: { filter: respond(500), on: { success: '@failure' } },
    },
  }
}

/** The way that a request without anything in it takes. */
export async function pathOf(program: Program): Promise<string> {
  return formatPath((await runProgram(program, requestOf())).walked)
}
