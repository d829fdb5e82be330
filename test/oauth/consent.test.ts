import { expect } from 'chai'
import {
  effectiveScopes,
  extend,
  type Grant,
  impose,
  missingConsent,
  narrow,
  scopesOfGrant,
} from '../../oauth/consent.ts'
import type { Authorization } from '../../oauth/records.ts'

const grantOf = (scopes: string[], rest: Partial<Grant> = {}): Grant => ({
  application: 'shop',
  owner: 'john',
  scopes,
  consented: true,
  tokensUntil: 100,
  ...rest,
})
const start = (scopes: string[], rest?: Partial<Grant>) =>
  extend(undefined, grantOf(scopes, rest), 'id-1', 1)
const again = (current: Authorization, scopes: string[], rest?: Partial<Grant>) =>
  extend(current, grantOf(scopes, rest), 'id-2', 2)
const tokenOf = ({ revision }: Authorization, ...scopes: string[]) => ({ scopes, revision })

describe('Consent', () => {
  it('makes an authorization with what the owner approved', () => {
    expect(start(['read'])).to.deep.equal({
      id: 'id-1',
      application: 'shop',
      owner: 'john',
      revision: 1,
      granted: { read: 1 },
      consented: ['read'],
      created: 1,
      updated: 1,
      tokensUntil: 100,
    })
  })

  it('extends it: what is new gets a new revision, what was there keeps its own', () => {
    const extended = again(start(['read']), ['read', 'write'], { tokensUntil: 50 })
    expect(extended).to.deep.include({ id: 'id-1', revision: 2, tokensUntil: 100, updated: 2 })
    expect(extended.granted).to.deep.equal({ read: 1, write: 2 })
    expect(again(extended, ['write']).revision).to.equal(2)
  })

  it('is asked for only where it is missing', () => {
    expect(missingConsent(undefined, ['read'])).to.deep.equal(['read'])
    expect(missingConsent(start(['read']), ['read', 'write'])).to.deep.equal(['write'])
    expect(missingConsent(start(['read']), ['constructor'])).to.deep.equal(['constructor'])
  })

  it('gives tokens what was consented to earlier of what is asked for, and what is approved now', () => {
    const before = start(['read', 'mail'])
    const grant = grantOf(['write'], { requested: ['write', 'admin', 'read'] })
    expect(scopesOfGrant(before, grant)).to.deep.equal(['write', 'read'])
    expect(extend(before, grant, 'x', 2).consented).to.deep.equal(['read', 'mail', 'write'])
  })

  it('does not come back with a stale answer: what was taken meanwhile is not given', () => {
    const taken = narrow(start(['read', 'write']), ['write'], 2)
    const grant = grantOf([], { requested: ['read', 'write'] })
    expect(scopesOfGrant(taken, grant)).to.deep.equal(['write'])
    expect(extend(taken, grant, 'x', 3).consented).to.deep.equal(['write'])
  })

  it('is not given by a grant that does not ask', () => {
    const extended = again(start(['read']), ['write'], { consented: false })
    expect(extended.consented).to.deep.equal(['read'])
    expect(extended.granted).to.deep.equal({ read: 1, write: 2 })
  })
})

describe('Narrowing', () => {
  it('takes scopes from tokens, and the consent with them', () => {
    const before = start(['read', 'write'])
    const after = narrow(before, ['read', 'admin'], 2)
    expect(after).to.deep.include({ granted: { read: 1 }, consented: ['read'] })
    expect(effectiveScopes(tokenOf(before, 'read', 'write'), after)).to.deep.equal(['read'])
  })

  it('is for good: a scope granted again goes to new tokens only', () => {
    const before = start(['read', 'write'])
    const after = again(narrow(before, ['read'], 2), ['write'])
    expect(effectiveScopes(tokenOf(before, 'read', 'write'), after)).to.deep.equal(['read'])
    expect(effectiveScopes(tokenOf(after, 'read', 'write'), after)).to.deep.equal(['read', 'write'])
  })
})

describe('Imposing', () => {
  it('replaces the scopes of all older tokens, also by ones that they never had', () => {
    const before = start(['read', 'write'])
    const after = impose(before, ['admin', 'read'], 2)
    expect(after.granted).to.deep.equal({ admin: 2, read: 1 })
    expect(after.consented).to.deep.equal(['read'])
    expect(effectiveScopes(tokenOf(before, 'write'), after)).to.deep.equal(['admin', 'read'])
  })

  it('leaves tokens alone that are issued later', () => {
    const after = impose(start(['read']), ['admin', 'read'], 2)
    expect(effectiveScopes(tokenOf(after, 'read'), after)).to.deep.equal(['read'])
  })

  it('can be narrowed afterwards, for good', () => {
    const before = start(['read'])
    const imposed = impose(before, ['admin', 'read'], 2)
    const after = again(narrow(imposed, ['read'], 3), ['admin'])
    expect(effectiveScopes(tokenOf(before, 'read'), after)).to.deep.equal(['read'])
  })

  it('counts as it was done last', () => {
    const before = start(['read'])
    const after = impose(impose(before, ['admin'], 2), ['read', 'mail'], 3)
    expect(effectiveScopes(tokenOf(before, 'read'), after)).to.deep.equal(['read', 'mail'])
  })
})

describe('Effective scopes', () => {
  it('are without an owner those of the token', () => {
    expect(effectiveScopes({ scopes: ['read'] }, undefined)).to.deep.equal(['read'])
  })

  it('hold no scope that was never granted, whatever it is called', () => {
    const authorization = start(['read'])
    const token = tokenOf(authorization, 'constructor', '__proto__', 'toString', 'read')
    expect(effectiveScopes(token, authorization)).to.deep.equal(['read'])
  })

  it('hold scopes that are called like inherited properties, once granted, through a store too', () => {
    const names = ['__proto__', 'constructor']
    const stored: Authorization = JSON.parse(JSON.stringify(start(names)))
    expect(effectiveScopes(tokenOf(stored, ...names), stored)).to.deep.equal(names)
    expect(narrow(stored, [], 2).granted).to.deep.equal({})
    expect(Object.keys(narrow(stored, ['__proto__'], 2).granted)).to.deep.equal(['__proto__'])
  })
})
