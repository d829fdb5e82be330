import type { Infer, ObjectSchema } from '../policy/settings.ts'
import { adapt } from './adapt.ts'
import { keepCollections } from './collections.ts'
import type { Connection, ConnectOptions } from './contract.ts'
import { deadlineSetting } from './deadline.ts'
import { MemoryCollection } from './memory-collection.ts'

export const processes = 'one'

export const settings = {
  type: 'object',
  properties: {
    adapter: { type: 'string', enum: ['memory'], description: 'Keeps everything in memory.' },
    deadline: deadlineSetting,
  },
  required: ['adapter'],
  additionalProperties: false,
} as const satisfies ObjectSchema

/** Opens a store that lives as long as the process: for tests and trials. */
export async function connect(
  _settings: Infer<typeof settings>,
  { now = Date.now }: ConnectOptions = {},
): Promise<Connection> {
  const health = () => ({ reachable: true, roundTrip: 0 })
  const open = keepCollections((_name, indexes) => new MemoryCollection(indexes, now))
  return {
    processes,
    warning: 'this store is kept in memory: all that is in it is lost when the process ends',
    collection: (name, options) => adapt(open(name, options), health),
    health: async () => health(),
    close: async () => {},
  }
}
