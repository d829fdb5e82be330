import { storeContract } from '../../../engine/stores/contract-suite.ts'
import { openConnection } from '../../../engine/stores/open.ts'
import { useRedis } from '../../support/redis.ts'
import { itSurvivesRaces } from './races.ts'

describe('Redis', () => {
  const server = useRedis()

  storeContract(
    { describe, it },
    {
      name: 'the Redis store',
      connect: () =>
        openConnection('main', { adapter: 'redis', url: server().url, prefix: 'suite' }),
      durable: true,
    },
  )

  itSurvivesRaces(() => ({ adapter: 'redis', url: server().url, prefix: 'races' }))
})
