import { randomBytes } from 'node:crypto'
import { type CheckedGateway, checkGateway } from './engine/gateway/check.ts'
import { withDefaults } from './engine/gateway/environment.ts'
import { type Gateway, type GatewayOptions, openGateway } from './engine/gateway/gateway.ts'
import type { GatewayLog } from './engine/gateway/log.ts'
import type { Filter } from './engine/index.ts'
import { standardFilters } from './filters/index.ts'
import { oauthExtension } from './oauth/index.ts'

export type { Gateway } from './engine/gateway/gateway.ts'
export * from './engine/index.ts'
export { standardFilters } from './filters/index.ts'

/** A set-up on disk, and what a program adds to it. */
export interface SetUp {
  /** Path of a `gateway.json`. */
  readonly config: string
  /** What `${env.NAME}` in it sees: usually `process.env`. `SALLYPORT_DATA` and others have defaults. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Filters of your own, besides the standard ones and those of modules named in `gateway.json`. */
  readonly filters?: readonly Filter[]
}

export interface CreateGatewayOptions extends SetUp {
  /** The folder of the key ring, made if it is not there; by default `SALLYPORT_KEYS`, or `./keys`. */
  readonly keys?: string
  /** The password of `admin` on the management port; by default `SALLYPORT_ADMIN_SECRET`. Without one nobody gets in. */
  readonly adminSecret?: string
  /** By default JSON lines on the standard output. */
  readonly log?: GatewayLog
  /** The number of this process where several serve together; it stands on each line of the log. */
  readonly worker?: number
  /** Milliseconds since the epoch; tests freeze it. */
  readonly now?: () => number
}

/**
 * Opens a gateway: checks its set-up, opens its stores, loads its policies. `listen` then opens its own
 * ports; or mount `handler('traffic')` in a server of yours.
 *
 * @throws FindingsError with everything that is wrong in `gateway.json`, policies and filters, each with
 *   file, line, column and remedy
 * @throws StoreHeld when another process holds an embedded store
 *
 * @example
 * const gateway = await createGateway({ config: 'gateway.json', env: process.env })
 * express().use(gateway.handler('traffic')).listen(3000)
 */
export function createGateway(options: CreateGatewayOptions): Promise<Gateway> {
  const { keys, adminSecret = options.env.SALLYPORT_ADMIN_SECRET, log, worker, now } = options
  const parts = withStandardParts(options)
  const gateway: GatewayOptions = {
    ...parts,
    keys: keys ?? parts.env.SALLYPORT_KEYS,
    credentials: { admin: adminSecret || randomBytes(32).toString('base64url') },
    ...(log && { log }),
    ...(worker !== undefined && { worker }),
    ...(now && { now }),
  }
  return openGateway(gateway)
}

/** Judges the files of a set-up, all of them at once and without touching a store. */
export function checkSetUp(setUp: SetUp): Promise<CheckedGateway> {
  return checkGateway(withStandardParts(setUp))
}

function withStandardParts({ config, env, filters = [] }: SetUp) {
  return {
    configFile: config,
    env: withDefaults(env),
    filters: [...standardFilters, ...filters],
    proven: new Set(standardFilters),
    extensions: [oauthExtension],
  }
}
