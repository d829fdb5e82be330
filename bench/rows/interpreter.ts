import {
  defineFilter,
  type Filter,
  type Services,
  type Step,
} from '../../dist/engine/policy/filter.js'
import type { HttpRequest } from '../../dist/engine/policy/message.js'
import type { CheckedPolicy } from '../../dist/engine/policy/policy.js'
import { loadPolicies, type Program, runProgram } from '../../dist/engine/policy/run/run.js'

// What the interpreter adds per filter: chains of 1 and of 11 filters that do nothing, so that what
// a request costs anyway falls out of the difference. Runs in a process of its own.
const RUNS = 20_000
const WARM_UPS = 5
const LONG = 11
const rounds = Number(process.argv[2])
const request = { method: 'POST', path: '/', form: {} } as unknown as HttpRequest

const synchronous: Step = () => 'success'
const asynchronous: Step = async () => 'success'
const respond: Step = (message) => {
  message.set('response', { status: 204, headers: {}, body: '' })
  return 'success'
}

const answer = {
  synchronous: await measureRounds(synchronous),
  asynchronous: await measureRounds(asynchronous),
}
process.send?.({ answer })

/** Microseconds per filter, by round. */
async function measureRounds(step: Step): Promise<readonly number[]> {
  const short = chainOf(1, step)
  const long = chainOf(LONG, step)
  const added: number[] = []
  for (let round = -WARM_UPS; round < rounds; round++) {
    const brief = await timeOf(short)
    const extra = (await timeOf(long)) - brief
    if (round >= 0) added.push((extra * 1000) / RUNS / (LONG - 1))
  }
  return added
}

async function timeOf(program: Program): Promise<number> {
  const start = performance.now()
  for (let run = 0; run < RUNS; run++) {
    const { response } = await runProgram(program, request)
    if (response.status !== 204) throw new Error(`the chain answered ${response.status}`)
  }
  return performance.now() - start
}

/** A policy of so many filters, and one more that answers. */
function chainOf(length: number, step: Step): Program {
  const filters = [...new Array<Step>(length).fill(step), respond].map(filterOf)
  const nodes = filters.map((filter, place) => {
    const name = `node-${place}`
    const next = place === length ? '@success' : `node-${place + 1}`
    return [name, { name, filter, config: {}, on: { success: next } }] as const
  })
  const policy: CheckedPolicy = {
    name: 'chain',
    file: 'chain.json',
    description: 'Filters that do nothing',
    service: 'bench',
    start: 'node-0',
    timeLimit: 30_000,
    nodes: new Map(nodes),
  }
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const services = { log, now: Date.now } as unknown as Services
  const program = loadPolicies(new Map([[policy.name, policy]]), services).get(policy.name)
  if (program === undefined) throw new Error('the chain was not loaded')
  return program
}

function filterOf(step: Step): Filter {
  const outcomes: readonly string[] = ['success']
  return defineFilter({
    name: 'bench/step',
    summary: 'Is measured.',
    outcomes,
    create: () => step,
  })
}
