import { readFileSync } from 'node:fs'
import type { Infer, ObjectSchema } from '../policy/settings.ts'
import { keepCollections } from './collections.ts'
import {
  type Connection,
  type ConnectOptions,
  type Health,
  Misuse,
  type StoreAdapter,
} from './contract.ts'
import { askWithin, deadlineSetting } from './deadline.ts'
import type { Address, Redis } from './redis-client.ts'
import { openRedisCollection, type RedisCollection } from './redis-collection.ts'
import { readDurability, refusalOf, warnOf } from './redis-durability.ts'
import { openLine } from './redis-line.ts'

export const settings = {
  type: 'object',
  properties: {
    adapter: { type: 'string', enum: ['redis'], description: 'Keeps everything in Redis.' },
    url: {
      type: 'string',
      minLength: 1,
      description: 'redis://user:password@host:6379/0, or rediss:// for TLS.',
    },
    cluster: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'URLs of more nodes of a Redis cluster; without this, though empty, it is none.',
    },
    tls: {
      type: 'object',
      properties: {
        ca: { type: 'string', minLength: 1, description: 'Path of a PEM file.' },
        certificate: { type: 'string', minLength: 1, description: 'Path of a PEM file.' },
        key: { type: 'string', minLength: 1, description: 'Path of a PEM file.' },
      },
      additionalProperties: false,
      description: 'Who may have signed the server’s certificate, and a certificate to show it.',
    },
    prefix: {
      type: 'string',
      pattern: '^[A-Za-z0-9_.:-]{1,50}$',
      default: 'sallyport',
      description: 'What all keys begin with; set-ups that share a server need one each.',
    },
    durability: {
      type: 'string',
      enum: ['strict', 'relaxed'],
      default: 'strict',
      description:
        'Strict: with NODE_ENV=production refuses a server that may forget what it has acknowledged. Relaxed: warns.',
    },
    deadline: deadlineSetting,
  },
  required: ['adapter', 'url'],
  additionalProperties: false,
} as const satisfies ObjectSchema

const HEALTH_DEADLINE = 1000

/**
 * Opens a store in Redis. It need not be there yet: until it is, every call fails.
 *
 * @throws Misuse where the server may forget what it has acknowledged, in production and unless relaxed
 */
export async function connect(
  given: Infer<typeof settings>,
  options: ConnectOptions = {},
): Promise<Connection> {
  const { now = Date.now, readOnly = false, production = false } = options
  const { prefix, deadline } = given
  let warning: string | undefined
  let durability: string | undefined
  let open = false

  const line = await openLine(addressOf(given), admit)
  open = true
  const isTime = options.now === undefined
  const collection = keepCollections((name, indexes) =>
    openRedisCollection(line, name, indexes, { prefix, deadline, readOnly, now, isTime }),
  )
  return {
    processes: 'many',
    ...(warning !== undefined && { warning }),
    collection: (name, wanted) => asAdapter(collection(name, wanted), health),
    health,
    close: line.close,
  }

  async function admit(redis: Redis): Promise<void> {
    await requirePrimary(redis)
    const found = await readDurability(redis)
    durability = found.found
    if (production && given.durability === 'strict' && found.risks.length > 0) {
      throw new Misuse(refusalOf(found))
    }
    const told = warning
    warning = warnOf(found)
    if (open && warning !== undefined && warning !== told) options.warn?.(warning)
  }

  async function health(): Promise<Health> {
    const start = performance.now()
    try {
      await askWithin(HEALTH_DEADLINE, prefix, () => line.sendToAll(['PING']))
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      const problem = cause instanceof Error ? cause.message : String(cause)
      return { reachable: false, roundTrip: performance.now() - start, problem }
    }
    const problem = line.trouble()
    return {
      ...{ reachable: true, roundTrip: performance.now() - start },
      ...(durability !== undefined && { durability }),
      ...(problem !== undefined && { problem }),
    }
  }
}

function asAdapter(collection: RedisCollection, health: () => Promise<Health>): StoreAdapter {
  const adapter: StoreAdapter = {
    ...collection,
    opts: {},
    namespace: undefined,
    on: () => adapter,
    clear: () => collection.clear(adapter.namespace ? `${adapter.namespace}:` : ''),
    health,
  }
  return adapter
}

function addressOf({ url, cluster, tls, deadline }: Infer<typeof settings>): Address {
  if (tls !== undefined && !url.startsWith('rediss:')) {
    throw new Misuse('the Redis store has "tls" but its url does not begin with rediss://')
  }
  const read = (path: string | undefined) => (path === undefined ? undefined : readPem(path))
  const [ca, cert, key] = [read(tls?.ca), read(tls?.certificate), read(tls?.key)]
  return {
    ...{ url, deadline },
    ...(cluster !== undefined && { cluster }),
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Misuse(`the file ${path} for the Redis store cannot be read`, { cause: error })
  }
}

/** A replica is behind, and takes no writes. */
async function requirePrimary(redis: Redis): Promise<void> {
  const replies = await redis.sendToAll(['ROLE']).catch(() => [])
  if (replies.some((reply) => (reply as readonly unknown[])[0] !== 'master')) {
    throw new Error('it is a replica; the url must lead to the primary')
  }
}
