import type { Handler } from '../http/handler.ts'
import type { Listener } from '../http/listener.ts'
import { openKeyRing } from '../kps/key-ring.ts'
import { FindingsError } from '../policy/finding.ts'
import { startPurger } from '../stores/purge.ts'
import { type CheckOptions, checkGateway } from './check.ts'
import { checkCertificates } from './check-certificates.ts'
import type { GatewayConfig } from './config.ts'
import type { Credentials } from './credentials.ts'
import { createLog, type GatewayLog } from './log.ts'
import { type OpenServices, openServices } from './open.ts'
import { type Preparation, startPreparation } from './preparation.ts'
import { loadSampleData, refuseInProduction } from './sample-data.ts'
import { serveGateway } from './serve.ts'

export interface GatewayOptions extends Omit<CheckOptions, 'credentials'> {
  /** The folder of the key ring: `SALLYPORT_KEYS`. */
  readonly keys: string
  /** Secrets of the gateway itself, by name; policies of the management port ask for `admin`. */
  readonly credentials: Credentials
  /** By default JSON lines on the standard output. */
  readonly log?: GatewayLog
  /** The number of this process where several serve together; it stands on each line of the log. */
  readonly worker?: number
  /** Milliseconds since the epoch. Tests freeze it. */
  readonly now?: () => number
}

export interface Gateway {
  /**
   * Answers the routes of a listener inside somebody's own server, before or after body parsers; what
   * has no route goes to `next`.
   */
  handler(listener: string): Handler
  /** Opens the ports. If one cannot be opened none stays open, and the gateway is stopped. */
  listen(): Promise<readonly Listener[]>
  /** Says "not ready", lets running requests finish, then closes ports and stores. */
  stop(): Promise<void>
}

/**
 * Opens a gateway: checks its set-up, opens its stores and loads its policies. While a server that
 * keeps a store is down, the gateway answers 503, and by itself does better when it is there.
 *
 * @throws FindingsError with all that is wrong in `gateway.json`, policies and filters
 * @throws StoreHeld when another process holds a store
 * @throws Misuse when a store was made with another key ring
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { credentials, env, now } = options
  const checked = await checkGateway({ ...options, credentials: Object.keys(credentials) })
  const { config } = checked
  const findings = [
    ...checked.findings,
    ...(config ? [...refuseInProduction(config, env), ...checkCertificates(config)] : []),
  ]
  if (findings.length > 0 || !config) throw new FindingsError(findings)

  const log = options.log ?? createLog(config.log.level, 1, options.worker)
  const keys = await openKeyRing(options.keys)
  const production = env.NODE_ENV === 'production'
  const opening = { log, keys, credentials, production, ...(now && { now }) }
  const services = await openServices(checked, opening)
  const preparation = await prepareStores(config, services, log).catch(async (error) => {
    await services.close()
    throw error
  })
  for (const [store, { warning }] of services.connections) {
    if (warning !== undefined) log.warn({ store }, warning)
  }
  const purgers = services.purges.map(({ store, everySeconds }) =>
    startPurger(store, everySeconds, log),
  )
  const problem = () => preparation.problem()
  return serveGateway(config, services, { log, problem }, async function close() {
    await Promise.all([preparation, ...purgers].map((each) => each.stop()))
    await services.close()
    log.flush()
  })
}

function prepareStores(
  config: GatewayConfig,
  services: OpenServices,
  log: GatewayLog,
): Promise<Preparation> {
  return startPreparation({
    async prepare() {
      // What was not copied whole would read as revoked.
      await Promise.all([...services.locks.values()].map(async (lock) => lock.beforeRead()))
      await services.checkKeys()
      await loadSampleData(config, services, log)
    },
    patient: [...services.connections.values()].some(({ processes }) => processes === 'many'),
    log,
  })
}
