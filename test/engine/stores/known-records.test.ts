import { expect } from 'chai'
import { KnownRecords } from '../../../engine/stores/known-records.ts'
import { connect } from '../../../engine/stores/memory.ts'
import { openStore } from '../../../engine/stores/store.ts'

const text = (value: object) => JSON.stringify({ value })

describe('known records', () => {
  it('give the same record for the same text, and another one for another', () => {
    const known = new KnownRecords<object>()
    const first = known.read('a', text({ scopes: ['read'] }))
    expect(known.read('a', text({ scopes: ['read'] }))).to.equal(first)
    expect(known.read('a', text({ scopes: ['write'] }))).to.deep.equal({ scopes: ['write'] })
    expect(known.read('a', text({ scopes: ['read'] }))).to.deep.equal({ scopes: ['read'] })
    expect(known.read('b', text({ scopes: ['none'] }))).to.deep.equal({ scopes: ['none'] })
  })

  it('cannot be changed by one for all others', () => {
    const record = new KnownRecords<{ scopes: string[] }>().read('a', text({ scopes: ['read'] }))
    expect(() => record.scopes.push('write')).to.throw(TypeError)
  })

  it('are forgotten when there are too many, or they are too large', () => {
    const known = new KnownRecords<object>()
    const first = known.read('first', text({}))
    const large = text({ text: 'x'.repeat(5000) })
    expect(known.read('large', large)).not.to.equal(known.read('large', large))
    for (let number = 0; number < 999; number++) known.read(String(number), text({ number }))
    expect(known.read('first', text({}))).to.equal(first)
    known.read('one more', text({}))
    expect(known.read('first', text({}))).not.to.equal(first)
  })

  it('are never older than the store', async () => {
    const connection = await connect({ adapter: 'memory', deadline: 3000 })
    const adapter = connection.collection('notes', { indexes: [] })
    const store = openStore<{ number: number }>(adapter, { name: 'notes' })
    for (let number = 0; number < 5; number++) {
      // By way of the adapter, as another process would.
      await adapter.set('a', text({ number }))
      expect(await store.get('a')).to.deep.equal({ number })
    }
    await adapter.delete('a')
    expect(await store.get('a')).to.equal(undefined)
  })
})
