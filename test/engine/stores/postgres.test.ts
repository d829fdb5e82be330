import { storeContract } from '../../../engine/stores/contract-suite.ts'
import { connect } from '../../../engine/stores/postgres.ts'
import { usePostgres } from '../../support/postgres.ts'

describe('PostgreSQL', () => {
  const server = usePostgres()
  let url = ''

  before(async () => {
    url = await server().createDatabase()
  })

  storeContract(
    { describe, it },
    { name: 'the PostgreSQL store', connect: () => connect({ url }), durable: true },
  )
})
