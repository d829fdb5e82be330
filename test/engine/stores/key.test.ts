import { expect } from 'chai'
import fc from 'fast-check'
import { compareKeys, faultOfKey } from '../../../engine/stores/key.ts'

const text = fc.string({ unit: 'binary', maxLength: 20 })

describe('a key', () => {
  it('sorts as its UTF-8 bytes do', () => {
    const property = fc.property(text, text, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).to.equal(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    })
    fc.assert(property, { examples: [['\uffff', '\u{10000}']] })
  })

  for (const [fault, key] of [
    ['it is empty', ''],
    ['it is longer than 512 bytes', 'x'.repeat(513)],
    ['it is longer than 512 bytes', 'é'.repeat(257)],
    ['it contains NUL', 'a\0b'],
    ['it contains half of a surrogate pair', 'a\ud800b'],
    ['it contains half of a surrogate pair', '\udc00\ud800'],
  ] as const) {
    it(`is refused because ${fault}: ${JSON.stringify(key.slice(0, 8))}`, () => {
      expect(faultOfKey(key)).to.equal(fault)
    })
  }

  it('may be any other text of up to 512 bytes', () => {
    for (const key of [':', ' ', '\n', '😀', 'x'.repeat(512), 'é'.repeat(256), '😀'.repeat(128)]) {
      expect(faultOfKey(key)).to.equal(undefined)
    }
  })
})
