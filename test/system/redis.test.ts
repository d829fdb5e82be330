import { useRedis } from '../support/redis.ts'
import { itSurvivesOutages } from './server-outages.ts'
import { itServesTogether } from './server-processes.ts'
import type { ServerStore } from './server-store.ts'

describe('the quickstart on Redis', () => {
  const server = useRedis()
  let stores = 0
  const store = (): ServerStore => ({
    server: server(),
    newEntry: async () => ({ adapter: 'redis', url: server().url, prefix: `test-${stores++}` }),
  })

  afterEach(async () => {
    server().thaw()
    await server().start()
  })

  itServesTogether(store)
  itSurvivesOutages(store)
})
