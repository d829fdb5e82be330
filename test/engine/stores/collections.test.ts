import { expect } from 'chai'
import { keepCollections } from '../../../engine/stores/collections.ts'

describe('the collections of a store', () => {
  const open = keepCollections((name, indexes) => ({ name, indexes }))

  it('are one a name, whatever the order in which its indexes are named', () => {
    const first = open('tokens', { indexes: ['owner', 'client'] })
    expect(open('tokens', { indexes: ['client', 'owner', 'client'] })).to.equal(first)
    expect(first).to.deep.equal({ name: 'tokens', indexes: ['client', 'owner'] })
  })

  it('cannot be opened again with other indexes, whose entries a writer would leave out', () => {
    open('clients', { indexes: ['number'] })
    expect(() => open('clients', { indexes: [] })).to.throw(/"clients".*\[number\].*declare/)
  })

  it('have names that every store can write down', () => {
    for (const name of ['', 'a\0b', 'a,b', 'a\nb', '\ud800', 'x'.repeat(101)]) {
      expect(() => open(name, { indexes: [] }), JSON.stringify(name)).to.throw('cannot name')
      expect(() => open('codes', { indexes: [name] })).to.throw('cannot name')
    }
  })
})
