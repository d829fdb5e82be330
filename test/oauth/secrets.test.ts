import { expect } from 'chai'
import type { KeyRing } from '../../engine/gateway/extension.ts'
import { memoryKeyRing } from '../../engine/kps/key-ring.ts'
import type { SecretVerifier } from '../../oauth/records.ts'
import { MOST_SECRETS, makeVerifier, verifySecret } from '../../oauth/secrets.ts'

const NOW = 1_000_000

/** The real ring, and a record of what it is asked for. */
function watchedRing() {
  const ring = memoryKeyRing()
  const asked: string[] = []
  const watched: KeyRing = {
    ...ring,
    hmac(key, purpose, text) {
      asked.push(`${key} ${purpose} ${text.length}`)
      return ring.hmac(key, purpose, text)
    },
  }
  return { ring: watched, asked }
}

describe('A client secret', () => {
  const { ring, asked } = watchedRing()
  const make = (text: string, until?: number, clientId = 'app') =>
    makeVerifier({ clientId, text, until }, ring, NOW)
  const verify = (secrets: readonly SecretVerifier[], text: string, now = NOW) =>
    verifySecret({ clientId: 'app', secrets }, text, ring, now)

  it('fits its verifier and no other text does', () => {
    const secrets = [make('first-secret')]
    expect(verify(secrets, 'first-secret')).to.equal(true)
    for (const wrong of ['first-secre', 'first-secret ', '', 'FIRST-SECRET', 'x'.repeat(5000)]) {
      expect(verify(secrets, wrong), wrong.slice(0, 20)).to.equal(false)
    }
  })

  it('cannot be read from its verifier, in clear or encoded', () => {
    const kept = JSON.stringify(make('first-secret'))
    expect(kept).not.to.include('first-secret')
    expect(kept).not.to.include(Buffer.from('first-secret').toString('base64url'))
  })

  it('is bound to the client: a verifier copied to another one fits nothing', () => {
    expect(verify([make('first-secret', undefined, 'other')], 'first-secret')).to.equal(false)
  })

  it('is refused from its end on', () => {
    const secrets = [make('first-secret', NOW + 10)]
    expect(verify(secrets, 'first-secret', NOW + 9)).to.equal(true)
    expect(verify(secrets, 'first-secret', NOW + 10)).to.equal(false)
  })

  it('may be one of several that are valid at once', () => {
    const texts = Array.from({ length: MOST_SECRETS }, (_, place) => `secret-number-${place}`)
    const secrets = texts.map((text) => make(text))
    for (const text of texts) expect(verify(secrets, text), text).to.equal(true)
    expect(verify(secrets, 'secret-number-x')).to.equal(false)
  })

  it('fits nothing under a key that the ring has lost, or a verifier that is damaged', () => {
    const whole = make('first-secret')
    expect(verify([{ ...whole, key: 'lost' }], 'first-secret')).to.equal(false)
    expect(verify([{ ...whole, hmac: '' }], 'first-secret')).to.equal(false)
    expect(verify([{ ...whole, hmac: whole.hmac.slice(0, 20) }], 'first-secret')).to.equal(false)
    const zeros = Buffer.alloc(32).toString('base64url')
    expect(verify([{ ...whole, key: 'lost', hmac: zeros }], 'first-secret')).to.equal(false)
  })

  it('costs the same work for no secret, a wrong one, an ended one and the right one', () => {
    const cases = [
      [[], 'first-secret'],
      [[make('first-secret')], 'wrong-secret'],
      [[make('first-secret')], 'first-secret'],
      [[make('first-secret', NOW - 1)], 'first-secret'],
      [[make('a-secret-more'), make('first-secret')], 'first-secret'],
    ] as const
    const work = cases.map(([secrets, text]) => {
      asked.length = 0
      verify(secrets, text)
      return String(asked)
    })
    expect(work[0]).to.match(/^\S+ client secret \d+$/)
    expect(new Set(work).size, work.join('; ')).to.equal(1)
  })
})
