import KeyvRedis, { type RedisClientType, type RedisClusterType } from '@keyv/redis'
import { Misuse } from './contract.ts'

/** Where Redis is and how to get there. */
export interface Address {
  readonly url: string
  /** URLs of more nodes; given, though empty, it is a cluster. */
  readonly cluster?: readonly string[] | undefined
  /** PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** Milliseconds without a sign of life after which a connection is given up. */
  readonly deadline: number
}

/**
 * A connection to Redis, or to the nodes of a cluster. It mends nothing: what is broken stays so,
 * and commands fail at once, for one that waits for a connection has no deadline.
 */
export interface Redis {
  connect(): Promise<void>
  /** Through Keyv's adapter. */
  get(key: string): Promise<string | undefined>
  /** Sends a command to whoever has that key. */
  send(key: string, words: readonly string[]): Promise<unknown>
  /** Sends a command to the server, or to every primary node of a cluster. */
  sendToAll(words: readonly string[]): Promise<readonly unknown[]>
  /** Whether it can still answer anything. */
  isUsable(): boolean
  /** Answers what is under way, then ends. */
  close(): Promise<void>
  /** Ends; what is under way fails. */
  destroy(): void
}

/** More commands than ever wait at once; beyond, they would pile up before a server that stands still. */
const MOST_WAITING = 100_000

/** A client that is not connected yet. What breaks it is told to `failed`. */
export function createRedis(address: Address, failed: (error: Error) => void): Redis {
  return address.cluster === undefined
    ? createSingle(address, failed)
    : createNodes(address, [address.url, ...address.cluster], failed)
}

function createSingle(address: Address, failed: (error: Error) => void): Redis {
  const { url, socket, ...rest } = optionsFor(address, address.url)
  const { host, port } = placeOf(url)
  const keyv = openKeyv({ ...rest, socket: { ...socket, host, port } }, failed)
  const client = keyv.client as RedisClientType
  return {
    connect: async () => void (await client.connect()),
    get: (key) => keyv.get(key),
    send: (_key, words) => client.sendCommand(words),
    sendToAll: async (words) => [await client.sendCommand(words)],
    isUsable: () => client.isReady,
    close: () => keyv.disconnect(),
    destroy: () => destroy(client),
  }
}

function createNodes(
  address: Address,
  urls: readonly string[],
  failed: (error: Error) => void,
): Redis {
  const { url: _url, database, ...defaults } = optionsFor(address, address.url)
  if (database !== 0) {
    throw new Misuse('a Redis cluster has no numbered databases; end the url behind the port')
  }
  const rootNodes = urls.map((text) => ({ socket: placeOf(readUrl(text)) }))
  const keyv = openKeyv({ rootNodes, defaults }, failed)
  const cluster = keyv.client as RedisClusterType
  cluster.on('node-error', failed)
  return {
    connect: async () => void (await cluster.connect()),
    get: (key) => keyv.get(key),
    send: (key, words) => cluster.sendCommand(key, false, [...words]),
    sendToAll: (words) =>
      Promise.all(
        cluster.masters.map(async (node) => (await cluster.nodeClient(node)).sendCommand(words)),
      ),
    isUsable: () => cluster.isOpen,
    close: () => keyv.disconnect(),
    destroy: () => destroy(cluster),
  }
}

/** Keyv's adapter; with both of its switches on, or an outage would read as "no such record". */
function openKeyv(
  options: ConstructorParameters<typeof KeyvRedis<string>>[0],
  failed: (error: Error) => void,
): KeyvRedis<string> {
  const keyv = new KeyvRedis<string>(options, { throwOnErrors: true, throwOnConnectError: true })
  keyv.on('error', failed)
  return keyv
}

function optionsFor({ deadline, tls = {} }: Address, text: string) {
  const url = readUrl(text)
  const { username, password, pathname, protocol } = url
  return {
    url,
    database: Number(pathname.slice(1)),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_WAITING,
    // A server that stands still, or a network that swallows everything, closes no connection.
    pingInterval: Math.ceil(deadline / 2),
    socket: {
      connectTimeout: deadline,
      socketTimeout: deadline,
      reconnectStrategy: false as const,
      ...(protocol === 'rediss:' && { tls: true as const, ...tls }),
    },
  }
}

/** The url may hold a password, so no error repeats it. */
function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!/^rediss?:$/.test(url?.protocol ?? '') || !/^(\/\d{0,5})?$/.test(url?.pathname ?? '')) {
    throw new Misuse(
      'the url of the Redis server cannot be read; write redis://user:password@host:6379/0, or rediss:// for TLS',
    )
  }
  return url as URL
}

function placeOf({ hostname, port }: URL): { host: string; port: number } {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { host: host === '' ? '127.0.0.1' : host, port: port === '' ? 6379 : Number(port) }
}

/** The client throws when it has ended by itself already. */
function destroy(client: { isOpen: boolean; destroy(): void }): void {
  if (client.isOpen) client.destroy()
}
