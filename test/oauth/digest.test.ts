import { expect } from 'chai'
import {
  drawClientNumber,
  hashNames,
  hashToken,
  randomId,
  randomToken,
  TOKEN_LENGTHS,
} from '../../oauth/digest.ts'
import { openOAuth } from './open-oauth.ts'

describe('Tokens and ids', () => {
  it('have exactly the length asked for, in base64url characters', () => {
    for (const length of [22, 23, 24, 25, ...Object.values(TOKEN_LENGTHS), 1000]) {
      expect(randomToken(length)).to.match(new RegExp(`^[\\w-]{${length}}$`))
    }
  })

  it('are refused where they would hold less than 128 bits', () => {
    expect(() => randomToken(21)).to.throw(RangeError, '22 to 1000')
    expect(() => randomToken(22.5)).to.throw(RangeError)
    expect(() => randomToken(Number.NaN)).to.throw(RangeError)
  })

  it('do not repeat', () => {
    const drawn = Array.from({ length: 2000 }, () => [randomToken(22), randomId()]).flat()
    expect(new Set(drawn).size).to.equal(drawn.length)
  })

  it('are kept under the SHA-256 of their text', () => {
    // FIPS 180-2, appendix B.1
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(hashToken('abc')).to.equal(Buffer.from(digest, 'hex').toString('base64url'))
  })
})

describe('A key made of several names', () => {
  it('tells apart names that would read the same one after the other', () => {
    const keys = [
      hashNames('a', 'b,c'),
      hashNames('a,b', 'c'),
      hashNames('a', 'b', 'c'),
      hashNames('a","b', 'c'),
      hashNames('', 'abc'),
      hashNames('abc', ''),
    ]
    expect(new Set(keys).size).to.equal(keys.length)
  })
})

describe('A client number', () => {
  it('is a whole number of 1 to 2⁵³ − 1 that uses all the room', async () => {
    const { records, close } = await openOAuth()
    const drawn = []
    for (let time = 0; time < 500; time += 1) drawn.push(await drawClientNumber(records.clients))
    expect(drawn.every((number) => Number.isSafeInteger(number) && number >= 1)).to.equal(true)
    expect(Math.max(...drawn)).to.be.greaterThan(2 ** 52)
    await close()
  })

  it('is never one that a client of the registry has', async () => {
    const { records, close } = await openOAuth()
    const asked: string[] = []
    const allTakenAtFirst: typeof records.clients = {
      ...records.clients,
      async find(index, value, page) {
        asked.push(value)
        const row = { key: 'a', value: {} as never }
        return asked.length < 4 ? { items: [row] } : records.clients.find(index, value, page)
      },
    }
    const number = await drawClientNumber(allTakenAtFirst)
    expect(asked)
      .to.have.length(4)
      .and.to.satisfy((all: string[]) => all[3] === String(number))
    await close()
  })
})
