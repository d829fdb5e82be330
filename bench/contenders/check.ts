import type { Contender } from './contender.ts'
import { basic, RESOURCE_SERVER, SAMPLE_APP } from './credentials.ts'

/** Throws unless the contender does what it is measured for: a fast wrong answer is worth nothing. */
export async function checkContender({ name, address }: Contender): Promise<void> {
  const expect = (what: string, isSo: boolean) => {
    if (!isSo) throw new Error(`${name}: ${what}`)
  }
  const issued = await post(address, '/oauth/token', basic(SAMPLE_APP), {
    grant_type: 'client_credentials',
    scope: 'read',
  })
  const { access_token: token, scope } = JSON.parse(issued.body)
  expect('issues a token with the scope', issued.status === 200 && scope === 'read')
  const refused = await post(address, '/oauth/token', 'Basic c2FtcGxlLWFwcDp3cm9uZw==', {
    grant_type: 'client_credentials',
  })
  expect('refuses a wrong secret', refused.status === 401 || refused.status === 400)
  if (name === 'express-oauth-server') return

  const isActive = async () => {
    const told = await post(address, '/oauth/introspect', basic(RESOURCE_SERVER), { token })
    expect(`answers ${told.status} to introspection`, told.status === 200)
    return JSON.parse(told.body).active
  }
  expect('tells that the token is active', (await isActive()) === true)
  const revoked = await post(address, '/oauth/revoke', basic(SAMPLE_APP), { token })
  expect('revokes the token', revoked.status === 200 && revoked.body === '')
  expect('tells that the token is active no more', (await isActive()) === false)
}

async function post(
  address: string,
  path: string,
  authorization: string,
  form: Readonly<Record<string, string>>,
): Promise<{ status: number; body: string }> {
  const response = await fetch(address + path, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams(form),
  })
  return { status: response.status, body: await response.text() }
}
