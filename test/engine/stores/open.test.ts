import { expect } from 'chai'
import { adapterNames, loadAdapter, openConnection } from '../../../engine/stores/open.ts'

describe('opening a store', () => {
  it('loads the adapter that the settings name', async () => {
    const connection = await openConnection('main', { adapter: 'memory' })
    expect(connection.processes).to.equal('one')
    expect(connection.warning).to.contain('lost when the process ends')
    await connection.close()
  })

  it('names the store and the adapters that there are when it knows none of that name', async () => {
    for (const adapter of ['mongo', 'constructor', undefined]) {
      const error = await openConnection('main', { adapter }).catch((reason: Error) => reason)
      expect(error).to.be.instanceOf(Error)
      expect(String(error)).to.contain('"main"').and.contain(`"${adapter}"`)
      for (const name of adapterNames) expect(String(error)).to.contain(name)
    }
  })

  for (const name of adapterNames) {
    it(`finds in ${name} the schema of its settings, each of them described`, async () => {
      const { settings } = await loadAdapter(name)
      expect(settings.properties.adapter).to.deep.include({ type: 'string', enum: [name] })
      for (const setting of Object.values(settings.properties)) {
        expect(setting).to.have.property('description')
      }
    })
  }
})
