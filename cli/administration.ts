import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GatewayConfig } from '../engine/gateway/config.ts'
import { StoreHeld } from '../engine/stores/held.ts'
import { obtainAdminSecret } from './admin-secret.ts'
import type { Settings } from './settings.ts'

export interface ManagementRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly json?: unknown
}

/** Work on what a gateway manages. It goes through the policies of its management port. */
export interface Administration {
  /** @throws Error with what the policy said, if it refused */
  administer<Result>(request: ManagementRequest): Promise<Result>
  /** All pages of a list. */
  collect<Item>(path: string, member: string): Promise<readonly Item[]>
}

type Send = <Result>(request: ManagementRequest) => Promise<Result>

export function administration(settings: Settings): Administration {
  return {
    administer: (request) => withManagement(settings, (send) => send(request)),
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
): Promise<Result> {
  const { createGateway } = await import('../index.ts')
  const { silentLog } = await import('../engine/gateway/log.ts')
  const { requireSetUp } = await import('./policies.ts')
  const { config } = await requireSetUp(settings)
  const { secret } = obtainAdminSecret(settings)
  // What is in the memory of another process can only be reached through that process.
  if (inMemory(config)) return work(sender(await addressOf(config), secret))
  const options = {
    config: settings.config,
    env: settings.env,
    keys: settings.keys,
    log: silentLog,
  }
  try {
    const gateway = await createGateway({ ...options, adminSecret: secret })
    const server = await listenOnLoopback(createServer(gateway.handler('management')))
    try {
      const { port } = server.address() as AddressInfo
      return await work(sender(`http://127.0.0.1:${port}`, secret))
    } finally {
      server.closeAllConnections()
      server.close()
      await gateway.stop()
    }
  } catch (error) {
    const management = error instanceof StoreHeld ? error.holder?.management : undefined
    if (management === undefined) throw error
    return work(sender(management, secret))
  }
}

function inMemory({ stores }: GatewayConfig): boolean {
  return Object.values(stores).some(({ adapter }) => adapter === 'memory')
}

async function addressOf({ listeners, file }: GatewayConfig): Promise<string> {
  const { ownOrigin } = await import('../engine/http/listener.ts')
  const { management } = listeners
  if (management?.port) return management.url ?? ownOrigin(management, management.port)
  throw new Error(
    `${file} keeps a store in memory, so only its running gateway can do this; give its management listener a port`,
  )
}

function listenOnLoopback(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server))
  })
}

function sender(origin: string, secret: string): Send {
  return async function send<Result>({ method, path, json }: ManagementRequest): Promise<Result> {
    const request = fetch(origin + path, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    })
    const response = await request.catch((cause) => {
      throw new Error(`no gateway answers at ${origin}; start it first`, { cause: cause.cause })
    })
    const answer = await response.json().catch(() => ({}))
    if (response.ok) return answer as Result
    throw new Error(explainRefusal(origin, path, response.status, answer))
  }
}

function explainRefusal(origin: string, path: string, status: number, answer: unknown): string {
  const { error, error_description: description } = answer as Record<string, string | undefined>
  if (status === 401) {
    return `the gateway at ${origin} refuses the admin secret; set SALLYPORT_ADMIN_SECRET, or SALLYPORT_DATA to the folder it was started with`
  }
  if (error === 'not_found' && description?.includes('served at')) {
    return `gateway.json has no management route for ${path}; copy those of samples/quickstart/gateway.json`
  }
  return description ?? `the gateway at ${origin} answered ${status}`
}
