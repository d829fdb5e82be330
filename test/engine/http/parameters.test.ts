import { expect } from 'chai'
import fc from 'fast-check'
import { BadInput } from '../../../engine/http/bad-input.ts'
import { adoptParameters, parseParameters } from '../../../engine/http/parameters.ts'
import { Secret } from '../../../engine/policy/secret.ts'

const confidential = new Set(['token', 'password'])
const parse = (text: string) => parseParameters(text, confidential)

describe('parseParameters', () => {
  it('reads names and values, plus as space', () => {
    expect(parse('a=1&b=x+y%20z%2B&c&d=&=e&&f=g=h')).to.deep.equal({
      a: '1',
      b: 'x y z+',
      c: '',
      d: '',
      '': 'e',
      f: 'g=h',
    })
    expect(parse('')).to.deep.equal({})
  })

  it('reads what URLSearchParams reads, as long as no name comes twice', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string()), {
      selector: ([name]) => name,
      maxLength: 100,
    })
    fc.assert(
      fc.property(pairs, (list) => {
        const text = new URLSearchParams(list).toString()
        const result = parseParameters(text, new Set())
        expect(Object.entries(result).filter(([name]) => name !== 'resource')).to.have.deep.members(
          [...new URLSearchParams(text)].filter(([name]) => name !== 'resource'),
        )
      }),
    )
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a=&%+20fF[]\u00e9\0;') }), (text) => {
        const result = parse(text)
        if (result instanceof BadInput) expect(result.status).to.equal(400)
        else expect(inheritedNames(result)).to.deep.equal([])
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses what is not percent-encoded UTF-8', () => {
    for (const text of ['a=%', 'a=%4', 'a=%zz', '%ff=1', 'a=%C3', 'a=%ED%A0%80', 'a=%C0%AF']) {
      expect(parse(text), text).to.include({ status: 400, reason: 'malformed-parameter' })
    }
  })

  it('refuses a parameter that comes twice and names it', () => {
    expect(parse('scope=a&b=1&scope=a').description).to.contain('scope')
    expect(parse('token=a&token=b')).to.include({ status: 400, reason: 'repeated-parameter' })
    expect(parse('a=&a=')).to.include({ status: 400 })
    expect(parse('a=1&%61=2')).to.include({ status: 400 })
  })

  it('does not repeat a long name, nor the value', () => {
    const { description } = parse(`${'n'.repeat(500)}=value&${'n'.repeat(500)}=value`) as BadInput
    expect(description).to.have.length.below(100).and.not.contain('value')
  })

  it('makes a list of resource, the one parameter that may come several times', () => {
    expect(parse('resource=a&resource=b')).to.deep.equal({ resource: ['a', 'b'] })
    expect(parse('resource=a')).to.deep.equal({ resource: ['a'] })
  })

  it('hides the values of confidential names', () => {
    const { token, other } = parse('token=s3cret&other=open') as Record<string, unknown>
    expect(token).to.be.instanceOf(Secret)
    expect((token as Secret).reveal()).to.equal('s3cret')
    expect(other).to.equal('open')
  })

  it('takes at most 100 parameters', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=`).join('&')
    expect(parse(many(100))).not.to.be.instanceOf(BadInput)
    expect(parse(many(101))).to.include({ status: 400, reason: 'too-many-parameters' })
  })

  it('treats __proto__ like any other name', () => {
    const result = parse('__proto__=x&constructor=y&toString=z')
    expect(Object.keys(result)).to.deep.equal(['__proto__', 'constructor', 'toString'])
    expect(inheritedNames(result)).to.deep.equal([])
    expect(({} as { x?: unknown }).x).to.equal(undefined)
    expect(parse('a=1')).not.to.have.property('toString')
  })
})

describe('adoptParameters', () => {
  const adopt = (parsed: object) => adoptParameters(parsed, confidential)

  it('takes over texts, hides confidential ones and lists resource', () => {
    const result = adopt({ a: '1', token: 's', resource: ['x', 'y'] })
    expect(result).to.deep.include({ a: '1', resource: ['x', 'y'] })
    expect(result).to.have.property('token').that.is.instanceOf(Secret)
    expect(inheritedNames(result)).to.deep.equal([])
  })

  it('refuses what the parser has made of duplicates', () => {
    expect(adopt({ scope: ['a', 'b'] })).to.include({ reason: 'repeated-parameter' })
  })

  it('refuses what the parser has nested', () => {
    expect(adopt({ a: { b: 'c' } })).to.include({ status: 400, reason: 'nested-parameter' })
  })
})

function inheritedNames(value: object): readonly (string | symbol)[] {
  const parent: object | null = Object.getPrototypeOf(value)
  return parent === null ? [] : [...Reflect.ownKeys(parent), ...inheritedNames(parent)]
}
