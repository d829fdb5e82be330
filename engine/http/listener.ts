import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../policy/filter.ts'
import { drainable } from './drain.ts'
import type { Handler } from './handler.ts'
import { readCertificate, type TlsFiles, watchCertificate } from './tls.ts'

/** Milliseconds, and bytes of headers. */
export interface ListenerLimits {
  readonly headers: number
  readonly headersTime: number
  readonly requestTime: number
  readonly idleTime: number
}

export interface ListenerOptions {
  readonly name: string
  readonly host: string
  /** 0 takes whichever is free. */
  readonly port: number
  /** What to change when the port is taken: `SALLYPORT_TRAFFIC_PORT`. */
  readonly portSetting: string
  /** How it is known outside; absent: by its own address. */
  readonly url?: string
  readonly tls?: TlsFiles
  readonly limits: ListenerLimits
  readonly log: Logger
}

export interface Listener {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Scheme and authority by which it is known outside. */
  readonly origin: string
  /**
   * Goes on for a moment, so that clients hear of it by an answer; then takes no more connections and
   * lets running requests finish. What is left after so many milliseconds is cut off.
   */
  stop(grace: number): Promise<void>
}

/** Milliseconds between two looks at who is late. */
const CHECK_EVERY = 1000

/**
 * Opens a port.
 *
 * @param createHandler gets the listener's origin, which is known only now if the port was 0
 * @throws Error naming host, port and the setting to change
 */
export async function openListener(
  options: ListenerOptions,
  createHandler: (origin: string) => Handler,
): Promise<Listener> {
  const server = newServer(options)
  const drain = drainable(server)
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  const origin = options.url ?? ownOrigin(options, port)
  serve(server, createHandler(origin))
  const unwatch =
    options.tls && server instanceof SecureServer
      ? watchCertificate(server, options.tls, options.log)
      : () => {}

  return {
    name: options.name,
    host: options.host,
    port,
    origin,
    async stop(grace) {
      unwatch()
      await drain(grace)
    },
  }
}

function newServer({ limits, tls }: ListenerOptions): Server | SecureServer {
  const headersTime = Math.min(limits.headersTime, limits.requestTime)
  const settings = {
    maxHeaderSize: limits.headers,
    headersTimeout: headersTime,
    requestTimeout: limits.requestTime,
    keepAliveTimeout: limits.idleTime,
    connectionsCheckingInterval: Math.min(CHECK_EVERY, headersTime),
  }
  const server = tls
    ? createSecureServer({ ...settings, handshakeTimeout: headersTime, ...readCertificate(tls) })
    : createServer(settings)
  // Their size is limited. A limit to their number would drop the last ones unsaid.
  server.maxHeadersCount = 0
  return server
}

function serve(server: Server | SecureServer, handle: Handler): void {
  server.on('request', handle)
  // Who asks first whether to send a body is told to when somebody begins to read it, and not before.
  server.on('checkContinue', (request, response) => {
    request.once('resume', () => {
      if (!response.headersSent) response.writeContinue()
    })
    handle(request, response)
  })
}

function listen(server: Server | SecureServer, options: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(explain(error, options))
    server.once('error', fail)
    server.listen(options.port, options.host, () => {
      server.off('error', fail)
      server.on('error', (err) => options.log.error({ listener: options.name, err }, 'listener'))
      resolve()
    })
  })
}

function explain(error: NodeJS.ErrnoException, options: ListenerOptions): Error {
  const { name, host, port, portSetting } = options
  const [reason, remedy] =
    error.code === 'EADDRINUSE'
      ? ['the port is taken', `set ${portSetting} to another, or stop what listens there`]
      : error.code === 'EACCES'
        ? ['the port is not allowed to this user', `set ${portSetting} to one above 1023`]
        : error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND'
          ? ['this machine has no such address', `correct the host of the listener "${name}"`]
          : [error.message, `correct the listener "${name}"`]
  return new Error(
    `listener "${name}" cannot listen on ${host} port ${port}: ${reason}; ${remedy}`,
    {
      cause: error,
    },
  )
}

/** Scheme and authority of a listener without a `url`. */
export function ownOrigin(
  { host, tls }: { readonly host: string; readonly tls?: object | undefined },
  port: number,
): string {
  const known = isEverywhere(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${tls ? 'https' : 'http'}://${known}:${port}`
}

/** Whether a listener on that host hears on every address of the machine. */
export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
