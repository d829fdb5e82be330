import { storeContract } from '../../../engine/stores/contract-suite.ts'
import { openConnection } from '../../../engine/stores/open.ts'
import { disposeRedis, hasRedis, type RedisServer, startRedis } from '../../support/redis.ts'

describe('Redis', () => {
  let server: RedisServer
  before(async function () {
    if (!hasRedis) return this.skip()
    server = await startRedis()
  })
  after(disposeRedis)

  storeContract(
    { describe, it },
    {
      name: 'the Redis store',
      connect: () =>
        openConnection('main', {
          adapter: 'redis',
          url: server.url,
          prefix: 'suite',
          deadline: 3000,
        }),
      durable: true,
    },
  )
})
