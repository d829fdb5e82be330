import { expect } from 'chai'
import fc from 'fast-check'
import { Refusal } from '../../engine/policy/refusal.ts'
import {
  formatScopes,
  intersect,
  isSubset,
  parseScopes,
  resolveScopes,
  without,
} from '../../oauth/scopes.ts'

describe('The scope parameter', () => {
  it('lists names separated by spaces, each once, in order', () => {
    expect(parseScopes('write read write')).to.deep.equal(['write', 'read'])
    expect(parseScopes(' read  write ')).to.deep.equal(['read', 'write'])
  })

  it('asks for none when it is absent or empty', () => {
    expect(parseScopes(undefined)).to.deep.equal([])
    expect(parseScopes('')).to.deep.equal([])
  })

  it('takes every character of RFC 6749 §3.3 and no other', () => {
    for (let code = 0; code < 0x180; code += 1) {
      if (code === 0x20) continue
      const allowed = code >= 0x21 && code <= 0x7e && code !== 0x22 && code !== 0x5c
      const parsed = parseScopes(`a${String.fromCharCode(code)}b`)
      expect(parsed instanceof Refusal, `U+${code.toString(16)}`).to.equal(!allowed)
    }
  })

  for (const [what, text] of [
    ['a name of 201 characters', 'a'.repeat(201)],
    ['101 names', Array.from({ length: 101 }, (_, place) => `s${place}`).join(' ')],
    ['4097 characters', ' '.repeat(4097)],
  ] as const) {
    it(`is refused with ${what}`, () => {
      expect(parseScopes(text)).to.be.instanceOf(Refusal).with.property('code', 'invalid_scope')
    })
  }

  it('reads what it writes', () => {
    const name = fc.stringMatching(/^[!#-[\]-~]{1,20}$/)
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 20 }), (names) => {
        expect(parseScopes(formatScopes(names))).to.deep.equal(names)
      }),
    )
  })
})

describe('Sets of scopes', () => {
  it('are compared by name and keep their order', () => {
    expect(intersect(['c', 'a', 'b'], ['a', 'c'])).to.deep.equal(['c', 'a'])
    expect(without(['c', 'a', 'b'], ['a', 'x'])).to.deep.equal(['c', 'b'])
    expect(isSubset([], [])).to.equal(true)
    expect(isSubset(['a'], ['b', 'a'])).to.equal(true)
    expect(isSubset(['a', 'x'], ['b', 'a'])).to.equal(false)
  })
})

describe('The scopes that a client gets', () => {
  const client = { scopes: ['read', 'write'], defaultScopes: ['read'] }
  const resolve = (requested: string[], match: 'any' | 'all') => {
    const resolved = resolveScopes({ requested, client, match })
    return resolved instanceof Refusal ? `${resolved.code}: ${resolved.description}` : resolved
  }
  const refusal = (names: string) => `invalid_scope: not allowed for this client: ${names}`

  it('are its default ones if it asks for none', () => {
    expect(resolve([], 'any')).to.deep.equal(['read'])
    expect(resolve([], 'all')).to.deep.equal(['read'])
  })

  it('are to be asked for where it has no default ones', () => {
    const bare = { scopes: ['read'], defaultScopes: [] }
    for (const match of ['any', 'all'] as const) {
      expect(resolveScopes({ requested: [], client: bare, match })).to.include({
        code: 'invalid_scope',
        description:
          'the client has no default scopes; name those it needs in the parameter scope, or register default ones',
      })
    }
  })

  it('are none if it has none at all and asks for none', () => {
    const bare = { scopes: [], defaultScopes: [] }
    expect(resolveScopes({ requested: [], client: bare, match: 'all' })).to.deep.equal([])
  })

  it('are those it asks for, if all are allowed', () => {
    expect(resolve(['write', 'read'], 'any')).to.deep.equal(['write', 'read'])
    expect(resolve(['write', 'read'], 'all')).to.deep.equal(['write', 'read'])
  })

  it('are with "any" the allowed ones of them', () => {
    expect(resolve(['admin', 'write'], 'any')).to.deep.equal(['write'])
  })

  it('are with "all" refused by name if one is not allowed', () => {
    expect(resolve(['admin', 'write', 'root'], 'all')).to.equal(refusal('admin root'))
  })

  it('are with "any" refused if none is allowed', () => {
    expect(resolve(['admin'], 'any')).to.equal(refusal('admin'))
  })

  it('do not contain what every object inherits', () => {
    expect(resolve(['constructor'], 'any')).to.equal(refusal('constructor'))
  })
})
