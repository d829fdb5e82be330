import { expect } from 'chai'
import fc from 'fast-check'
import {
  expiryIndexName,
  indexName,
  literal,
  quote,
  tableName,
} from '../../../engine/stores/postgres-names.ts'

describe('a name in PostgreSQL', () => {
  it('can be read, and says of what it is', () => {
    expect(tableName('tokenStores:main/tokens')).to.match(/^tokenstores_main_tokens_[0-9a-f]{12}$/)
    expect(indexName('tokens', 'clientId')).to.match(/^by_clientid_[0-9a-f]{12}$/)
  })

  it('is never cut, never shared and needs no care, whatever the collection is called', () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.constantFrom('', '_', 'é'.repeat(99)),
    )
    fc.assert(
      fc.property(name, name, (one, two) => {
        const names = [tableName(one), expiryIndexName(one), indexName(one, two)]
        for (const each of names) expect(each).to.match(/^[a-z0-9][a-z0-9_]{0,62}$/)
        expect(new Set(names).size).to.equal(3)
        if (one !== two) expect(tableName(one)).not.to.equal(tableName(two))
      }),
    )
    for (const [one, two] of [
      ['a:b', 'a/b'],
      ['A', 'a'],
      [`${'x'.repeat(99)}1`, `${'x'.repeat(99)}2`],
    ]) {
      expect(tableName(one ?? '')).not.to.equal(tableName(two ?? ''))
    }
  })

  it('and a text are quoted so that they cannot end early', () => {
    expect(quote('a"b')).to.equal('"a""b"')
    expect(literal("a'b")).to.equal("'a''b'")
  })
})
