import { expect } from 'chai'
import { hashToken } from '../../oauth/digest.ts'
import type { Authorization, Client } from '../../oauth/records.ts'
import { type OAuth, openOAuth } from './open-oauth.ts'

// RFC 7636, appendix B
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = { value: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', method: 'S256' } as const
const REDIRECT = 'https://app.example/cb'

describe('An authorization code', () => {
  let oauth: OAuth
  let client: Client
  let authorization: Authorization
  beforeEach(async () => {
    oauth = await openOAuth()
    client = await oauth.register({ clientId: 'app' })
    authorization = await oauth.authorize(client, 'john', ['read'])
  })
  afterEach(() => oauth.close())

  async function issue(rest: object = { redirectUri: REDIRECT, challenge: CHALLENGE }) {
    const request = { client, authorization, scopes: ['read'], lifetime: 60, ...rest }
    const { code } = await oauth.store.codes.issue(request)
    return code.reveal()
  }
  const well = { redirectUri: REDIRECT, verifier: VERIFIER }
  const redeem = async (code: string, presented: object = well) => {
    const { outcome } = await oauth.store.codes.redeem(code, {
      client,
      family: 'drawn',
      ...presented,
    })
    return outcome
  }
  const kept = async (code: string) => oauth.records.codes.get(hashToken(code))

  it('is redeemed once, by its client, redirect URI and verifier', async () => {
    const code = await issue()
    expect(code).to.match(/^[\w-]{30}$/)
    expect(await redeem(code)).to.equal('redeemed')
    expect(await kept(code)).to.deep.include({ state: 'used', family: 'drawn' })
    expect(await redeem(code)).to.equal('replay')
  })

  it('is redeemed by one of 20 at once', async () => {
    const code = await issue()
    const all = await Promise.all(Array.from({ length: 20 }, () => redeem(code)))
    expect(all.filter((outcome) => outcome === 'redeemed')).to.have.length(1)
    expect(all.filter((outcome) => outcome === 'replay')).to.have.length(19)
  })

  it('stays used, not gone, until its end', async () => {
    const code = await issue()
    await redeem(code)
    oauth.wait(59)
    expect(await redeem(code)).to.equal('replay')
    oauth.wait(1)
    expect(await redeem(code)).to.equal('unknown')
  })

  it('is no good after its end, or if nobody issued it', async () => {
    const code = await issue()
    oauth.wait(60)
    expect(await redeem(code)).to.equal('unknown')
    expect(await redeem('never-issued')).to.equal('unknown')
    expect(await redeem('x'.repeat(100_000))).to.equal('unknown')
  })

  describe('is left as it is', () => {
    const isUntouched = async (code: string, outcome: string, presented: object) => {
      const before = await kept(code)
      expect(await redeem(code, presented)).to.equal(outcome)
      expect(await kept(code)).to.deep.equal(before)
    }
    for (const used of [false, true]) {
      it(`by who presents it wrongly ${used ? 'after' : 'before'} its use`, async () => {
        const code = await issue()
        const other = await oauth.register({ clientId: 'other' })
        if (used) await redeem(code)
        await isUntouched(code, 'wrong-client', { ...well, client: other })
        await isUntouched(code, 'wrong-redirect-uri', { ...well, redirectUri: `${REDIRECT}/` })
        await isUntouched(code, 'wrong-redirect-uri', { verifier: VERIFIER })
        await isUntouched(code, 'verifier-missing', { redirectUri: REDIRECT })
        expect(await redeem(code)).to.equal(used ? 'replay' : 'redeemed')
      })
    }

    it('by its client made anew', async () => {
      const code = await issue()
      const { client: anew } = await oauth.registry.replace({
        clientId: 'app',
        type: 'confidential',
      })
      await isUntouched(code, 'wrong-client', { ...well, client: anew })
    })

    it('by a verifier where it has no challenge', async () => {
      const code = await issue({})
      await isUntouched(code, 'verifier-unexpected', { verifier: VERIFIER })
      await isUntouched(code, 'wrong-redirect-uri', { redirectUri: REDIRECT })
      expect(await redeem(code, {})).to.equal('redeemed')
    })

    it('after its use by a wrong verifier', async () => {
      const code = await issue()
      await redeem(code)
      await isUntouched(code, 'wrong-verifier', { ...well, verifier: VERIFIER.replace('d', 'e') })
    })
  })

  it('counts wrong verifiers and is dead after five', async () => {
    const wrong = { ...well, verifier: VERIFIER.replace('d', 'e') }
    const [spared, dead] = [await issue(), await issue()]
    for (let time = 0; time < 4; time += 1) {
      expect(await redeem(spared, wrong)).to.equal('wrong-verifier')
    }
    expect(await redeem(spared)).to.equal('redeemed')
    for (let time = 0; time < 5; time += 1) await redeem(dead, wrong)
    expect(await redeem(dead)).to.equal('too-many-failures')
    expect(await kept(dead)).to.deep.include({ state: 'issued', failures: 5 })
  })

  it('takes a plain challenge literally, and none that is no verifier', async () => {
    const plain = await issue({ challenge: { value: VERIFIER, method: 'plain' } })
    expect(await redeem(plain, { verifier: CHALLENGE.value })).to.equal('wrong-verifier')
    expect(await redeem(plain, { verifier: VERIFIER })).to.equal('redeemed')
    const short = await issue({ challenge: { value: 'short', method: 'plain' } })
    expect(await redeem(short, { verifier: 'short' })).to.equal('wrong-verifier')
  })

  it('is not given to a public client without a challenge', async () => {
    client = await oauth.register({ clientId: 'native', type: 'public' })
    const failure = await issue({}).catch((error: Error) => error.message)
    expect(failure).to.equal('client "native" is public: its codes need a PKCE challenge')
    expect(await issue({ challenge: CHALLENGE })).to.be.a('string')
  })

  it('is kept under its hash: a dump of the store yields none', async () => {
    const code = await issue()
    expect(JSON.stringify(await oauth.records.codes.scan(undefined, 10))).not.to.include(code)
  })

  it('ends the family that it bought when it is replayed', async () => {
    const code = await issue()
    await redeem(code)
    await oauth.store.families.create({ id: 'drawn', client: 'app', expires: oauth.now() + 1000 })
    await redeem(code)
    expect((await oauth.store.families.find('drawn'))?.state).to.equal('revoked')
  })

  it('ends the family that it is buying when it is replayed meanwhile', async () => {
    const code = await issue()
    await redeem(code)
    await redeem(code)
    const family = { id: 'drawn', client: 'app', expires: oauth.now() + 1000 }
    expect(await oauth.store.families.create(family)).to.equal(false)
  })
})
