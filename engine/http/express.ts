import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from '../policy/filter.ts'
import type { Handler } from './handler.ts'

/**
 * What no policy answers: Express, which is loaded when the first such request comes, so that a
 * start does not wait for it.
 *
 * @param routesIn where routes are defined, for whoever misses one: `gateway.json`
 */
export function expressHandler(routesIn: string, log: Logger): Handler {
  let app: Promise<Handler> | undefined

  return function handleRest(request, response) {
    app ??= createApp(routesIn)
    app
      .then((handle) => handle(request, response))
      .catch((err) => {
        log.error({ err }, 'Express could not answer')
        response.destroy()
      })
    response.once('finish', () => {
      const { method } = request
      log.info({ method, status: response.statusCode }, 'a request without a route')
    })
  }
}

async function createApp(routesIn: string): Promise<Handler> {
  const { default: express } = await import('express')
  const app = express()
  app.disable('x-powered-by').disable('etag')
  app.use(answerNotFound(routesIn))
  app.use(answerFailure)
  return app as unknown as Handler
}

function answerNotFound(routesIn: string): RequestHandler {
  return (request, response) => {
    const description = `nothing is served at ${request.path.slice(0, 200)}; routes are defined in ${routesIn} under "routes"`
    response
      .status(404)
      .set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
      .json({ error: 'not_found', error_description: description })
  }
}

/** Express's own would show a stack trace. */
const answerFailure: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error)
  response.status(500).type('text/plain').send('server_error')
}
