import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { hmacSha256 } from '../../../engine/kps/hmac.ts'

describe('an HMAC', () => {
  it('is that of node:crypto for any key and text', () => {
    const keys = fc.uint8Array({ maxLength: 200 })
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1 })
    fc.assert(
      fc.property(keys, texts, (key, all) => {
        const digest = hmacSha256(key)
        for (const text of all) {
          const expected = createHmac('sha256', key).update(text).digest('hex')
          expect(digest(text).toString('hex')).to.equal(expected)
        }
      }),
    )
  })

  it('is that of RFC 4231, test cases 2 and 6', () => {
    const jefe = hmacSha256(Buffer.from('Jefe'))('what do ya want for nothing?')
    expect(jefe.toString('hex')).to.equal(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
    const long = hmacSha256(Buffer.alloc(131, 0xaa))
    expect(long('Test Using Larger Than Block-Size Key - Hash Key First').toString('hex')).to.equal(
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    )
  })

  it('stays as it was when the next one is made', () => {
    const digest = hmacSha256(Buffer.from('key'))
    const first = digest('first')
    const before = first.toString('hex')
    digest('second')
    expect(first.toString('hex')).to.equal(before)
  })
})
