import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../policy/filter.ts'
import { formatPath, type Program, type Run, runProgram } from '../policy/run.ts'
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
}

/** Answers what has a route by its policy, and leaves the rest to `next`. */
export function trafficHandler(
  routes: readonly Route<Program>[],
  options: TrafficOptions,
): Handler {
  const { log, isDraining = () => false } = options
  const findRoute = createRouter(routes)
  const readRequest = requestReader(options)

  return function handleTraffic(request, response, next) {
    const target = splitTarget(request.url ?? '')
    const match = findRoute(request.method ?? '', target.path)
    if (match) {
      serve(request, response, target, match).catch((error) => abandon(response, error))
    } else if (next) {
      next()
    } else {
      const nothing = answerJson(404, 'not_found', 'nothing is served at this path')
      send(response, nothing, { requestId: randomUUID(), close: isDraining() })
    }
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    target: Target,
    match: RouteMatch<Program> | BadInput,
  ): Promise<void> {
    const started = performance.now()
    const requestId = randomUUID()
    const input =
      match instanceof BadInput
        ? match
        : await readRequest(request, target, match.params, requestId)
    const run =
      match instanceof BadInput || input instanceof BadInput || input === ABORTED
        ? undefined
        : await runProgram(match.target, input)
    const answer = run?.response ?? (input instanceof BadInput ? answerBadInput(input) : undefined)
    const sent = answer ? send(response, answer, { requestId, close: isDraining() }) : {}
    report({
      requestId,
      method: request.method,
      ...(match instanceof BadInput
        ? {}
        : { route: match.pattern, policy: match.target.policy.name }),
      ...(run && { walk: formatPath(run.walked) }),
      ...(sent.status === undefined ? { clientGone: true } : { status: sent.status }),
      ms: Math.round((performance.now() - started) * 100) / 100,
      ...(input instanceof BadInput ? { refusal: input.reason } : whyNot(run)),
      ...(sent.problem !== undefined && { err: sent.problem }),
    })
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

/** What the log says about a refusal or a surprise, and the client does not hear. */
function whyNot(run: Run | undefined): Readonly<Record<string, unknown>> {
  return {
    ...(run?.refusal && { refusal: run.refusal.code }),
    ...(run?.refusal?.detail && { detail: run.refusal.detail }),
    ...(run?.fault && { fault: run.fault.node, err: run.fault.cause }),
  }
}
