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
import { askWithin, DEADLINE, deadlineSetting } from './deadline.ts'
import type { Address, Redis } from './redis-client.ts'
import { openRedisCollection, type RedisCollection } from './redis-collection.ts'
import { type Durability, readDurability, refusalOf, warnOf } from './redis-durability.ts'
import { openLine } from './redis-line.ts'

const PREFIX = 'sallyport'

export const processes = 'many'

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
    ca: {
      type: 'string',
      minLength: 1,
      description: 'Path of a PEM file: who has signed the certificate of the server.',
    },
    certificate: {
      type: 'string',
      minLength: 1,
      description: 'Path of a PEM file: the certificate by which the server knows the gateway.',
    },
    key: { type: 'string', minLength: 1, description: 'Path of a PEM file: its key.' },
    prefix: {
      type: 'string',
      pattern: '^[A-Za-z0-9_.:-]{1,50}$',
      default: PREFIX,
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

type Given = Pick<Infer<typeof settings>, 'url'> & Partial<Infer<typeof settings>>

/**
 * Opens a store in Redis. It need not be there yet: until it is, every call fails.
 *
 * @throws Misuse where the server may forget what it has acknowledged, in production and unless relaxed
 */
export async function connect(given: Given, options: ConnectOptions = {}): Promise<Connection> {
  const { now = Date.now, readOnly = false, production = false } = options
  const { prefix = PREFIX, deadline = DEADLINE, durability = 'strict' } = given
  let warning: string | undefined
  let found: Durability | undefined
  let open = false

  const line = await openLine(addressOf(given, deadline), admit)
  open = true
  const isTime = options.now === undefined
  const collection = keepCollections((name, indexes) =>
    openRedisCollection(line, name, indexes, { prefix, deadline, readOnly, now, isTime }),
  )
  return {
    processes,
    ...(warning !== undefined && { warning }),
    collection: (name, wanted) => asAdapter(collection(name, wanted), health),
    health,
    close: line.close,
  }

  async function admit(redis: Redis): Promise<void> {
    await requirePrimary(redis)
    found = await readDurability(redis)
    if (production && durability === 'strict' && found.risks.length > 0) {
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
      ...(found !== undefined && { durability: found.settings }),
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

function addressOf(given: Given, deadline: number): Address {
  const { url, cluster, ca, certificate, key } = given
  const files = { ca, cert: certificate, key }
  const named = Object.entries(files).filter(([, path]) => path !== undefined)
  if (named.length > 0 && !url.startsWith('rediss:')) {
    throw new Misuse('the Redis store has certificates, but its url does not begin with rediss://')
  }
  const tls = Object.fromEntries(named.map(([name, path = '']) => [name, readPem(path)]))
  return { url, tls, deadline, ...(cluster !== undefined && { cluster }) }
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
