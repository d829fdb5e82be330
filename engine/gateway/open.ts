import type { ParameterRules } from '../http/parameters.ts'
import { checkKeyRing } from '../kps/check-record.ts'
import type { Logger, Services } from '../policy/filter.ts'
import { FindingsError } from '../policy/finding.ts'
import { loadPolicies } from '../policy/run/load-policies.ts'
import type { Program } from '../policy/run/program.ts'
import type { Connection } from '../stores/contract.ts'
import { openConnection } from '../stores/open.ts'
import { openStoreLock, type StoreLock } from '../stores/store-lock.ts'
import type { CheckedGateway } from './check.ts'
import type { GatewayConfig } from './config.ts'
import { type Credentials, credentialChecks } from './credentials.ts'
import type { KeyRing } from './extension.ts'
import { setUpErrorIn, toFinding } from './set-up-error.ts'
import { openTables, type PlacedCollection, type PurgeOrder } from './tables.ts'

export interface OpenOptions {
  readonly log: Logger
  readonly keys: KeyRing
  readonly credentials: Credentials
  /** Milliseconds since the epoch. Tests freeze it. */
  readonly now?: () => number
  /** Puts a fresh store in memory in place of every one, for tests and traces. */
  readonly stores?: 'memory'
  /** Refuses a store that may forget what it has acknowledged. */
  readonly production?: boolean
  /** For whoever only looks, also beside the gateway that holds the stores. */
  readonly readOnly?: boolean
}

/** Everything that policies run on, opened. */
export interface OpenServices extends ParameterRules {
  readonly programs: ReadonlyMap<string, Program>
  /** By the names of `gateway.json`. */
  readonly connections: ReadonlyMap<string, Connection>
  readonly locks: ReadonlyMap<string, StoreLock>
  readonly collections: readonly PlacedCollection[]
  readonly purges: readonly PurgeOrder[]
  /**
   * Makes sure that every store was made with this key ring.
   *
   * @throws Misuse naming the store that was not, and the remedy
   */
  checkKeys(): Promise<void>
  /** Creates what is listed and not there yet: sample data, or the `given` of a policy test. */
  load(given: Readonly<Record<string, unknown>>): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the stores of a set-up and makes its policies ready to run.
 *
 * @throws FindingsError when the set-up has findings, or a filter cannot be created
 * @throws StoreHeld when another process holds a store
 */
export async function openServices(
  checked: CheckedGateway,
  options: OpenOptions,
): Promise<OpenServices> {
  const config = requireClean(checked)
  const connections = await openConnections(config, options)
  try {
    return assemble(checked, config, connections, options)
  } catch (error) {
    await closeAll(connections)
    throw error
  }
}

function requireClean({ findings, config }: CheckedGateway): GatewayConfig {
  if (findings.length > 0 || !config) throw new FindingsError(findings)
  return config
}

async function openConnections(config: GatewayConfig, options: OpenOptions) {
  const { now, stores: kind, production = false, readOnly = false, log } = options
  const connections = new Map<string, Connection>()
  try {
    for (const [name, settings] of Object.entries(config.stores)) {
      const chosen = kind ? { adapter: kind } : settings
      const warn = (warning: string) => log.warn({ store: name }, warning)
      const opening = { production, readOnly, warn, ...(now && { now }) }
      connections.set(name, await openConnection(name, chosen, opening))
    }
    return connections
  } catch (error) {
    await closeAll(connections)
    throw error
  }
}

function assemble(
  checked: CheckedGateway,
  config: GatewayConfig,
  connections: ReadonlyMap<string, Connection>,
  options: OpenOptions,
): OpenServices {
  const { log, keys, credentials, now = Date.now } = options
  const locks = openLocks(config, connections)
  const tables = openTables(config, connections, now, locks)
  const extensions = checked.extensions.map((extension) => {
    const { section } = extension
    const entries = (config[section] ?? {}) as Readonly<Record<string, unknown>>
    const context = { log, now, keys, ...tables.contextFor(section) }
    return placing(config, () => extension.open(entries, context))
  })
  tables.openRest()
  const stores = () =>
    [...connections].flatMap(([name, { health }]) => {
      const lock = locks.get(name)
      return lock ? [{ name, health, lock }] : []
    })
  const services = Object.assign(
    { log, now, credential: credentialChecks(credentials), collections: tables.all, stores },
    ...extensions.map((extension) => extension.services),
  ) as Services
  return {
    programs: loadPolicies(withinLimit(checked, config), services, checked.locate),
    confidential: checked.confidential,
    repeatable: checked.repeatable,
    connections,
    locks,
    collections: tables.placed(),
    purges: tables.purges(),
    async checkKeys() {
      await Promise.all([...connections].map(([name, each]) => checkKeyRing(name, each, keys)))
    },
    async load(given) {
      for (const extension of extensions) await extension.load(given)
    },
    close: () => closeAll(connections),
  }
}

function openLocks(
  { stores }: GatewayConfig,
  connections: ReadonlyMap<string, Connection>,
): ReadonlyMap<string, StoreLock> {
  return new Map(
    [...connections].map(([name, connection]) => {
      const deadline = stores[name]?.deadline
      const given = typeof deadline === 'number' ? deadline : undefined
      return [name, openStoreLock(name, connection, given)]
    }),
  )
}

/** What an extension asks of a table and cannot have is told at its place in `gateway.json`. */
function placing<Value>(config: GatewayConfig, open: () => Value): Value {
  try {
    return open()
  } catch (error) {
    const place = setUpErrorIn(error)
    throw place
      ? new FindingsError([toFinding(config, 'bad-setting', place.pointer, error)])
      : error
  }
}

/** The operator's limit is stronger than a policy's own. */
function withinLimit({ policies }: CheckedGateway, { limits }: GatewayConfig) {
  return new Map(
    [...policies].map(([name, policy]) => {
      const timeLimit = Math.min(policy.timeLimit, limits.policyTime)
      return [name, { ...policy, timeLimit }]
    }),
  )
}

async function closeAll(connections: ReadonlyMap<string, Connection>): Promise<void> {
  await Promise.all([...connections.values()].map((connection) => connection.close()))
}
