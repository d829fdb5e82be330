import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Health } from '../stores/contract.ts'
import { isLoopback } from './address.ts'
import type { Handler } from './handler.ts'
import { splitTarget } from './request.ts'
import { send } from './respond.ts'

const LIVE = '/health/live'
const READY = '/health/ready'
const LONGEST_CHECK = 1000

export function isHealthPath(path: string): boolean {
  return path === LIVE || path === READY
}

/** Something that is asked after its health. */
export interface Patient {
  health(): Promise<Health>
}

export interface HealthOptions {
  /** By the names of `gateway.json`. */
  readonly stores: ReadonlyMap<string, Patient>
  isDraining(): boolean
  /** What else keeps it from serving. */
  problem?(): string | undefined
}

interface Readiness {
  readonly status: 'ready' | 'not-ready' | 'draining'
  /** What is wrong with which store, or with the `gateway` itself. */
  readonly problems?: Readonly<Record<string, string>>
}

/**
 * `GET /health/live`: the process runs. `GET /health/ready`: it can serve, else 503. Which store is
 * to blame is told on loopback only.
 */
export function healthHandler(options: HealthOptions): Handler {
  return function handleHealth(request, response, next) {
    const { path } = splitTarget(request.url ?? '')
    const asked = request.method === 'GET' || request.method === 'HEAD'
    const answer = (readiness: object, status: number) =>
      send(
        response,
        {
          status,
          headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
          body: JSON.stringify(readiness),
        },
        { requestId: randomUUID(), close: options.isDraining() },
      )
    if (asked && path === LIVE) {
      answer({ status: 'live' }, 200)
    } else if (asked && path === READY) {
      const trusted = isLoopback(request.socket.remoteAddress ?? '')
      checkReadiness(options).then(({ status, problems }) =>
        answer(
          trusted && problems ? { status, problems } : { status },
          status === 'ready' ? 200 : 503,
        ),
      )
    } else {
      next?.()
    }
  }
}

async function checkReadiness(options: HealthOptions): Promise<Readiness> {
  const { stores, isDraining, problem: ownProblem } = options
  if (isDraining()) return { status: 'draining' }
  const own = ownProblem?.()
  const problems: [string, string][] = own === undefined ? [] : [['gateway', own]]
  await Promise.all(
    [...stores].map(async ([name, store]) => {
      const problem = await findProblem(store)
      if (problem !== undefined) problems.push([name, problem])
    }),
  )
  return problems.length === 0
    ? { status: 'ready' }
    : { status: 'not-ready', problems: Object.fromEntries(problems) }
}

async function findProblem(store: Patient): Promise<string | undefined> {
  const late = wait(LONGEST_CHECK, undefined, { ref: false })
  try {
    const health = await Promise.race([store.health(), late])
    if (health === undefined) return `no answer within ${LONGEST_CHECK} ms`
    return health.problem ?? (health.reachable ? undefined : 'cannot be reached')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
