import { randomUUID } from 'node:crypto'
import { answerForFault } from '../policy/answer.ts'
import type { Logger } from '../policy/filter.ts'
import type { Handler } from './handler.ts'
import { splitTarget } from './request.ts'
import { answerJson, send } from './respond.ts'

export interface RestOptions {
  /** Where routes are defined, for whoever misses one: `gateway.json` */
  readonly routesIn: string
  readonly log: Logger
  isDraining(): boolean
  /** By default Express without any routes. */
  load?(): Promise<Handler>
}

/**
 * What no policy answers: Express, which is loaded when the first such request comes, so that a
 * start does not wait for it.
 */
export function expressHandler({
  routesIn,
  log,
  isDraining,
  load = loadExpress,
}: RestOptions): Handler {
  let app: Promise<Handler> | undefined

  /** What failed once, for want of file handles perhaps, may succeed the next time. */
  function loadOnce(): Promise<Handler> {
    app ??= load().catch((error) => {
      app = undefined
      throw error
    })
    return app
  }

  return async function handleRest(request, response) {
    const { method } = request
    const requestId = randomUUID()
    const answer = (err?: unknown) => {
      if (err !== undefined) log.error({ requestId, err }, 'Express could not answer')
      const instead = err === undefined ? notFound(request.url ?? '') : answerForFault(err)
      send(response, instead, { requestId, close: isDraining() })
    }
    response.once('finish', () =>
      log.info({ requestId, method, status: response.statusCode }, 'a request without a route'),
    )
    try {
      const handle = await loadOnce()
      handle(request, response, answer)
    } catch (error) {
      answer(error)
    }
  }

  function notFound(url: string) {
    const path = splitTarget(url).path.slice(0, 200)
    const description = `nothing is served at ${path}; routes are defined in ${routesIn} under 'routes'`
    return answerJson(404, 'not_found', description)
  }
}

async function loadExpress(): Promise<Handler> {
  const { default: express } = await import('express')
  return express().disable('x-powered-by').disable('etag')
}
