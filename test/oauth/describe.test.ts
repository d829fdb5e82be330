import { expect } from 'chai'
import { describeClient, describeToken } from '../../oauth/describe.ts'
import { openOAuth } from './open-oauth.ts'

describe('What an administrator sees', () => {
  it('of a client is neither a verifier nor its epoch', async () => {
    const oauth = await openOAuth()
    const client = await oauth.register({ clientId: 'app', scopes: ['read'] })
    const seen = describeClient(client)
    expect(seen).to.include({ clientId: 'app', created: '2026-01-01T00:00:00.000Z' })
    expect(seen).not.to.have.any.keys('secrets', 'epoch')
    expect(JSON.stringify(seen)).not.to.include(client.secrets[0]?.hmac)
    await oauth.close()
  })

  it('of a token is what it is for, and the id to revoke it by', async () => {
    const oauth = await openOAuth()
    const client = await oauth.register({ clientId: 'app' })
    const request = { kind: 'access', client, scopes: ['read'], lifetime: 60 } as const
    const { id, record } = await oauth.store.issue(request)
    expect(describeToken({ key: id, value: record })).to.deep.equal({
      id,
      kind: 'access',
      client: 'app',
      scopes: ['read'],
      issued: '2026-01-01T00:00:00.000Z',
      expires: '2026-01-01T00:01:00.000Z',
    })
    await oauth.close()
  })
})
