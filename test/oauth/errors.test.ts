import { expect } from 'chai'
import { errorDescription, errorStatus, oauthErrors } from '../../oauth/errors.ts'

describe('The table of OAuth errors', () => {
  it('gives each code the status of its RFC', () => {
    expect(errorStatus('invalid_request')).to.equal(400)
    expect(errorStatus('invalid_client')).to.equal(401)
    expect(errorStatus('invalid_token')).to.equal(401)
    expect(errorStatus('insufficient_scope')).to.equal(403)
    expect(errorStatus('unsupported_token_type')).to.equal(400)
    expect(errorStatus('temporarily_unavailable')).to.equal(503)
    expect(errorStatus('server_error')).to.equal(500)
  })

  it('takes a code that it does not know for a bad request', () => {
    expect(errorStatus('out_of_coffee')).to.equal(400)
    expect(errorStatus('constructor')).to.equal(400)
  })

  it('is sorted, and writes only what RFC 6749 §5.2 lets it write', () => {
    const codes = Object.keys(oauthErrors)
    expect(codes).to.deep.equal([...codes].sort())
    for (const [code, { description, source }] of Object.entries(oauthErrors)) {
      expect(code).to.match(/^[a-z_]+$/)
      expect(errorDescription(code)).to.equal(description)
      expect(source).to.match(/^RFC \d+ §|^Sallyport/)
    }
  })

  it('lets no character through that could end the text or the header line', () => {
    expect(errorDescription('x', 'no "such" \\ thing\r\nSet-Cookie: a=b · ü😀')).to.equal(
      "no 'such' ? thing??Set-Cookie: a=b ? ??",
    )
    expect(errorDescription('out_of_coffee')).to.equal('the request was refused')
  })
})
