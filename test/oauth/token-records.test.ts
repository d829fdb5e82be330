import { expect } from 'chai'
import { hashToken } from '../../oauth/digest.ts'
import { makeToken } from '../../oauth/token-records.ts'
import { type OAuth, openOAuth } from './open-oauth.ts'

describe('A token', () => {
  let oauth: OAuth
  beforeEach(async () => {
    oauth = await openOAuth()
  })
  afterEach(() => oauth.close())

  const request = async (rest: object = {}) => {
    const client = (await oauth.registry.find('app')) ?? (await oauth.register({ clientId: 'app' }))
    return { kind: 'access', client, scopes: ['read'], lifetime: 60, ...rest } as const
  }

  it('has the length of its kind, or the one asked for', async () => {
    const lengthOf = async (rest: object) => makeToken(await request(rest), 0).token.reveal().length
    expect(await lengthOf({})).to.equal(54)
    expect(await lengthOf({ kind: 'refresh', family: 'f' })).to.equal(46)
    expect(await lengthOf({ length: 22 })).to.equal(22)
  })

  it('is kept under its hash, and its text nowhere', async () => {
    const issued = await oauth.store.issue(await request())
    const text = issued.token.reveal()
    expect(issued.id).to.equal(hashToken(text))
    const kept = JSON.stringify([await oauth.records.tokens.scan(undefined, 10), issued])
    expect(kept).to.include(issued.id).and.not.to.include(text)
  })

  it('holds no property that it was not given', async () => {
    const { record } = makeToken(await request({ metadata: {} }), 1000)
    const { clientEpoch, ...rest } = record
    expect(rest).to.deep.equal({
      kind: 'access',
      client: 'app',
      application: 'app',
      scopes: ['read'],
      issued: 1000,
      expires: 61_000,
    })
    expect(clientEpoch).to.match(/^[\w-]{22}$/)
  })

  it('ends with its authorization if that ends earlier', async () => {
    const { client, ...rest } = await request()
    const authorization = await oauth.authorize(client, 'john', ['read'])
    const short = { ...authorization, tokensUntil: 5000 }
    const { record } = makeToken({ ...rest, client, authorization: short }, 1000)
    expect(record).to.deep.include({
      expires: 5000,
      owner: 'john',
      authorization: authorization.id,
    })
  })

  it('is refused where it could not be kept or judged', async () => {
    const make = async (rest: object) => {
      const wanted = await request(rest)
      return () => makeToken(wanted, 0)
    }
    for (const lifetime of [0, -1, 0.5, Number.NaN]) {
      expect(await make({ lifetime })).to.throw(RangeError, 'at least 1 second')
    }
    expect(await make({ kind: 'refresh' })).to.throw(TypeError, 'needs a family')
    const other = await oauth.register({ clientId: 'other' })
    const authorization = await oauth.authorize(other, 'john', ['read'])
    expect(await make({ authorization })).to.throw(
      TypeError,
      'belongs to application "other", client "app" to "app"',
    )
  })
})
