import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../policy/filter.ts'
import type { HttpResponse } from '../policy/message.ts'
import { formatPath, type Program, runProgram } from '../policy/run/run.ts'
import { BadInput } from './bad-input.ts'
import { ABORTED } from './body.ts'
import { type RequestRules, requestReader, splitTarget, type Target } from './request.ts'
import { answerBadInput, answerJson, send } from './respond.ts'
import { createRouter, type Route, type RouteMatch } from './route.ts'

/** Fits node:http, and any Express app before or after its body parsers. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void

export interface TrafficOptions extends RequestRules {
  readonly log: Logger
  /** The gateway is about to stop: every answer asks the client to connect anew. */
  isDraining?(): boolean
  /** Answers in place of every policy while none may run. */
  holdBack?(request: IncomingMessage): HttpResponse | undefined
  /** Kept up to date by the handlers that share it. */
  readonly running?: Running
}

/** How many requests are being answered. */
export interface Running {
  count: number
}

/** Answers what has a route by its policy, and leaves the rest to `next`. */
export function trafficHandler(
  routes: readonly Route<Program>[],
  options: TrafficOptions,
): Handler {
  const { log, isDraining = () => false, running = { count: 0 } } = options
  const { holdBack = () => undefined } = options
  const findRoute = createRouter(routes)
  const readRequest = requestReader(options)

  return function handleTraffic(request, response, next) {
    const target = splitTarget(request.url ?? '')
    const match = findRoute(request.method ?? '', target.path)
    if (match) {
      running.count += 1
      serve(request, response, target, match).then(end, (error) => {
        abandon(response, error)
        end()
      })
    } else if (next) {
      next()
    } else {
      const nothing = answerJson(404, 'not_found', 'nothing is served at this path')
      send(response, nothing, { requestId: randomUUID(), close: isDraining() })
    }
  }

  function end(): void {
    running.count -= 1
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    target: Target,
    match: RouteMatch<Program> | BadInput,
  ): Promise<void> {
    const started = performance.now()
    const requestId = randomUUID()
    const { answer, notes } =
      match instanceof BadInput ? refused(match) : await run(request, target, match, requestId)
    const sent = answer ? send(response, answer, { requestId, close: isDraining() }) : {}
    // Said whole, though most of it is undefined and not written: spreading costs more than all else here.
    report({
      requestId,
      method: request.method,
      route: notes.route,
      policy: notes.policy,
      walk: notes.walk,
      refusal: notes.refusal,
      detail: notes.detail,
      fault: notes.fault,
      status: sent.status,
      clientGone: sent.status === undefined ? true : undefined,
      err: sent.problem ?? notes.err,
      ms: Math.round((performance.now() - started) * 100) / 100,
    })
  }

  async function run(
    request: IncomingMessage,
    target: Target,
    { target: program, pattern, params }: RouteMatch<Program>,
    requestId: string,
  ): Promise<Outcome> {
    const route = pattern
    const policy = program.policy.name
    const instead = holdBack(request)
    if (instead) return { answer: instead, notes: { route, policy, refusal: 'not ready' } }
    const input = await readRequest(request, target, params, requestId)
    if (input === ABORTED) return { notes: { route, policy } }
    if (input instanceof BadInput) return refused(input, { route, policy })
    const { response, walked, refusal, fault } = await runProgram(program, input)
    const notes = {
      route,
      policy,
      walk: formatPath(walked),
      refusal: refusal?.code,
      detail: refusal?.detail,
      fault: fault?.node,
      err: fault?.cause,
    }
    return { answer: response, notes }
  }

  function report(line: { readonly err?: unknown; readonly [field: string]: unknown }): void {
    if (line.err === undefined) log.info(line, 'request')
    else log.error(line, 'request')
  }

  /** Only a mistake of ours leads here. */
  function abandon(response: ServerResponse, error: unknown): void {
    log.error({ err: error }, 'a request could not be answered')
    response.destroy()
  }
}

interface Outcome {
  /** Absent: nobody is there any more to be answered. */
  readonly answer?: HttpResponse
  readonly notes: Notes
}

/** For the log; the client does not hear it. */
interface Notes {
  readonly route?: string
  readonly policy?: string
  readonly walk?: string
  readonly refusal?: string | undefined
  readonly detail?: string | undefined
  readonly fault?: string | undefined
  readonly err?: unknown
}

function refused(input: BadInput, where: Notes = {}): Outcome {
  return { answer: answerBadInput(input), notes: { ...where, refusal: input.reason } }
}
