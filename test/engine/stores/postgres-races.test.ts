import { expect } from 'chai'
import { connect } from '../../../engine/stores/postgres.ts'
import { usePostgres } from '../../support/postgres.ts'
import { itSurvivesRaces } from './races.ts'

describe('PostgreSQL', () => {
  const server = usePostgres()
  let url = ''

  before(async () => {
    url = await server().createDatabase()
  })

  itSurvivesRaces(() => ({ adapter: 'postgres', url }))

  it('has one winner in each of 200 pairs of deletions', async () => {
    const connections = [await connect({ url }), await connect({ url })]
    const [one, two] = connections.map((it) => it.collection('pairs', { indexes: [] }))
    const wins: number[] = []
    for (let pair = 0; pair < 200; pair++) {
      await one?.set('a', JSON.stringify({ value: pair }))
      const taken = await Promise.all([one?.delete('a'), two?.delete('a')])
      wins.push(taken.filter(Boolean).length)
    }
    expect(wins).to.deep.equal(wins.map(() => 1))
    for (const connection of connections) await connection.close()
  })
})
