import { usePostgres } from '../support/postgres.ts'
import { itSurvivesOutages } from './server-outages.ts'
import { itServesTogether } from './server-processes.ts'
import type { ServerStore } from './server-store.ts'

describe('the quickstart on PostgreSQL', () => {
  const server = usePostgres()
  const store = (): ServerStore => ({
    server: server(),
    newEntry: async () => ({ adapter: 'postgres', url: await server().createDatabase() }),
  })

  itServesTogether(store)
  itSurvivesOutages(store)
})
