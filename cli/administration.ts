import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GatewayConfig } from '../engine/gateway/config.ts'
import { StoreHeld } from '../engine/stores/held.ts'
import type { Gateway } from '../index.ts'
import { findAdminSecret } from './admin-secret.ts'
import { type ManagementRequest, managementClient, type Send } from './management-client.ts'
import type { Settings } from './settings.ts'

/** Work on what a gateway manages. It goes through the policies of its management port. */
export interface Administration {
  /** @throws Error with what the policy said, if it refused */
  administer<Result>(request: ManagementRequest): Promise<Result>
  /** All pages of a list. */
  collect<Item>(path: string, member: string): Promise<readonly Item[]>
}

export function administration(settings: Settings): Administration {
  return {
    administer: (request) =>
      withManagement(settings, (send) => send(request), request.mayMakeStore),
    collect: <Item>(path: string, member: string) =>
      withManagement(settings, (send) => collectPages<Item>(send, path, member)),
  }
}

async function collectPages<Item>(send: Send, path: string, member: string): Promise<Item[]> {
  const items: Item[] = []
  const joint = path.includes('?') ? '&' : '?'
  let cursor: string | undefined
  do {
    const from = cursor === undefined ? '' : `${joint}cursor=${encodeURIComponent(cursor)}`
    const page: Record<string, unknown> = await send({ method: 'GET', path: path + from })
    items.push(...(page[member] as Item[]))
    cursor = page.next as string | undefined
  } while (cursor !== undefined)
  return items
}

/**
 * Speaks to the gateway that holds the store. Where none does, it opens one for the moment: the way
 * is the same, so there is one implementation of every operation, and it is a policy.
 */
async function withManagement<Result>(
  settings: Settings,
  work: (send: Send) => Promise<Result>,
  mayMakeStore = false,
): Promise<Result> {
  const { requireSetUp } = await import('./policies.ts')
  const { config } = await requireSetUp(settings)
  const running = (origin: string) =>
    work(managementClient({ origin, secret: findAdminSecret(settings), ...certificateOf(config) }))
  // What is in the memory of another process can only be reached through that process.
  if (inMemory(config)) return running(await addressOf(config))
  if (!mayMakeStore) requireStores(config)
  const opened = await openOrFindHolder(settings)
  return typeof opened === 'string' ? running(opened) : withOpened(opened, work)
}

interface Opened {
  readonly gateway: Gateway
  readonly secret: string
}

/** A gateway for the moment, with a secret for the moment; or the address of the one that holds the store. */
async function openOrFindHolder({ config, env, keys }: Settings): Promise<Opened | string> {
  const { createGateway } = await import('../index.ts')
  const { silentLog } = await import('../engine/gateway/log.ts')
  const secret = randomBytes(32).toString('base64url')
  const options = { config, env, keys, log: silentLog, adminSecret: secret }
  try {
    return { gateway: await createGateway(options), secret }
  } catch (error) {
    const management = error instanceof StoreHeld ? error.holder?.management : undefined
    if (management === undefined) throw error
    return management
  }
}

async function withOpened<Result>(
  { gateway, secret }: Opened,
  work: (send: Send) => Promise<Result>,
): Promise<Result> {
  const server = createServer()
  try {
    server.on('request', gateway.handler('management'))
    const { port } = await listenOnLoopback(server)
    return await work(managementClient({ origin: `http://127.0.0.1:${port}`, secret }))
  } finally {
    server.closeAllConnections()
    server.close()
    await gateway.stop()
  }
}

function listenOnLoopback(server: Server): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const done = () => resolve(server.address() as AddressInfo)
    server.once('error', reject).listen(0, '127.0.0.1', done)
  })
}

/** In the wrong folder there is nothing to find and nothing to change, and nothing is made there. */
function requireStores({ stores, file }: GatewayConfig): void {
  for (const [name, { path }] of Object.entries(stores)) {
    if (typeof path !== 'string' || existsSync(path)) continue
    throw new Error(
      `the store "${name}" of ${file} is not there yet, at ${path}; start the gateway once, or set SALLYPORT_DATA`,
    )
  }
}

function inMemory({ stores }: GatewayConfig): boolean {
  return Object.values(stores).some(({ adapter }) => adapter === 'memory')
}

async function addressOf({ listeners, file }: GatewayConfig): Promise<string> {
  const { ownOrigin } = await import('../engine/http/listener.ts')
  const { management } = listeners
  if (management?.port) return ownOrigin(management, management.port)
  throw new Error(
    `${file} keeps a store in memory, so only its running gateway can do this; give its management listener a port`,
  )
}

function certificateOf({ listeners }: GatewayConfig): { certificate?: string } {
  const file = listeners.management?.tls?.certificate
  return file === undefined ? {} : { certificate: readFileSync(file, 'utf8') }
}
