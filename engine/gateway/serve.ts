import type { IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { isLoopback } from '../http/address.ts'
import { expressHandler } from '../http/express.ts'
import { type Handler, trafficHandler } from '../http/handler.ts'
import { healthHandler } from '../http/health.ts'
import { isEverywhere, type Listener, openListener, ownOrigin } from '../http/listener.ts'
import { answerJson } from '../http/respond.ts'
import type { Route } from '../http/route.ts'
import type { Logger } from '../policy/filter.ts'
import type { HttpResponse } from '../policy/message.ts'
import { pointTo } from '../policy/pointer.ts'
import type { Program } from '../policy/run/program.ts'
import { MANAGEMENT } from './check-config.ts'
import type { GatewayConfig } from './config.ts'
import type { Gateway } from './gateway.ts'
import type { OpenServices } from './open.ts'
import type { ListenerSettings } from './schema.ts'

/** Milliseconds between two looks whether all requests are answered. */
const LOOK_EVERY = 10

export interface ServeOptions {
  readonly log: Logger
  /** Why policies may not run yet; absent once they may. */
  problem(): string | undefined
}

/** Puts the policies of a gateway behind its listeners. */
export function serveGateway(
  config: GatewayConfig,
  services: OpenServices,
  { log, problem }: ServeOptions,
  close: () => Promise<void>,
): Gateway {
  const open: Listener[] = []
  const running = { count: 0 }
  let opening: Promise<void> | undefined
  let stopped: Promise<void> | undefined
  const isDraining = () => stopped !== undefined

  return {
    handler(name) {
      const settings = Object.hasOwn(config.listeners, name) ? config.listeners[name] : undefined
      if (!settings) throw new Error(`there is no listener "${name}" in ${config.file}`)
      return policyHandler(name, settings, settings.url ?? ownOrigin(settings, settings.port))
    },

    async listen() {
      if (isDraining()) throw new Error('the gateway is stopped; create another one')
      if (opening) throw new Error('the gateway listens already')
      opening = openAll()
      try {
        await opening
      } catch (error) {
        await stop()
        throw error
      }
      announce()
      return [...open]
    },

    stop,
  }

  function policyHandler(name: string, settings: ListenerSettings, origin: string): Handler {
    return trafficHandler(routesOf(name), {
      log,
      origin,
      isDraining,
      running,
      holdBack: (request) => holdBack(name, request),
      confidential: services.confidential,
      repeatable: services.repeatable,
      bodyLimit: config.limits.body,
      trustedProxies: settings.trustedProxies,
    })
  }

  /** What is wrong is told on the management port, and only to this machine. */
  function holdBack(listener: string, { socket }: IncomingMessage): HttpResponse | undefined {
    const reason = problem()
    if (reason === undefined) return undefined
    const trusted = listener === MANAGEMENT && isLoopback(socket.remoteAddress ?? '')
    const description = `the gateway is not ready${trusted ? `: ${reason}` : '; try again later'}`
    return answerJson(503, 'temporarily_unavailable', description, { 'retry-after': '1' })
  }

  function routesOf(name: string): Route<Program>[] {
    return config.routes
      .filter(({ listener }) => listener === name)
      .map(({ method, path, policy }) => {
        const target = services.programs.get(policy)
        if (!target) throw new Error(`there is no policy "${policy}"`)
        return { methods: method, path, target }
      })
  }

  async function openAll(): Promise<void> {
    for (const [name, settings] of Object.entries(config.listeners)) {
      open.push(await openOne(name, settings))
      if (isDraining()) throw new Error('the gateway was stopped while it opened its ports')
    }
  }

  function openOne(name: string, settings: ListenerSettings): Promise<Listener> {
    const { host, port, url, tls } = settings
    const portSetting = config.settingFor(pointTo('/listeners', name, 'port'))
    if (isEverywhere(host) && url === undefined) {
      log.warn({ listener: name }, 'set "url": clients cannot know it by the address 0.0.0.0')
    }
    return openListener(
      {
        ...{ name, host, port, portSetting, limits: config.limits, log },
        ...(url !== undefined && { url }),
        ...(tls && { tls }),
      },
      (origin) =>
        chain([
          ...(name === MANAGEMENT
            ? [healthHandler({ stores: services.connections, isDraining, problem })]
            : []),
          policyHandler(name, settings, origin),
          expressHandler({ routesIn: 'gateway.json', log, isDraining }),
        ]),
    )
  }

  /** Whoever is refused a store is told where to speak to the one who holds it. */
  function announce(): void {
    const origins = Object.fromEntries(open.map(({ name, origin }) => [name, origin]))
    const settings = config.listeners[MANAGEMENT]
    const management = open.find(isManagement)
    if (settings && management) {
      // Its address on this machine: what it is called outside may lead through a proxy.
      const address = ownOrigin(settings, management.port)
      for (const connection of services.connections.values()) connection.announce?.(address)
    }
    log.info({ listeners: origins }, problem() === undefined ? 'ready' : 'listening, not ready')
  }

  function stop(): Promise<void> {
    stopped ??= drain()
    return stopped
  }

  async function drain(): Promise<void> {
    log.info({}, 'stopping: running requests finish first')
    // Whatever went wrong with it is for whoever called listen.
    await opening?.catch(() => {})
    const end = performance.now() + config.limits.drainTime
    const left = () => Math.max(0, end - performance.now())
    const stopAll = (listeners: readonly Listener[]) =>
      Promise.all(listeners.map((listener) => listener.stop(left())))

    await stopAll(open.filter((one) => !isManagement(one)))
    // Those in somebody's own server are left.
    while (running.count > 0 && left() > 0) await wait(LOOK_EVERY)
    // The management port last, so that whoever asks hears "draining" and not nothing.
    await stopAll(open.filter(isManagement))
    await close()
  }
}

function isManagement({ name }: Listener): boolean {
  return name === MANAGEMENT
}

/** One handler after another, each answering what the one before has left. */
function chain(handlers: readonly Handler[]): Handler {
  return handlers.reduceRight<Handler>(
    (next, handler) => (request, response) =>
      handler(request, response, () => next(request, response)),
    () => {},
  )
}
