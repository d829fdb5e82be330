import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { managementClient } from '../../cli/management-client.ts'

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, '../engine/http/tls', name), 'utf8')

describe('the client of a management port over TLS', () => {
  let server: Server
  let origin: string

  before((done) => {
    const tls = { cert: read('one.crt'), key: read('one.key') }
    server = createServer(tls, (request, response) => {
      response.end(JSON.stringify({ authorization: request.headers.authorization }))
    }).listen(0, '127.0.0.1', () => {
      origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
      done()
    })
  })
  after(() => server?.close())

  it('trusts the certificate that the gateway is known to have, whatever its name', async () => {
    const send = managementClient({
      origin,
      secret: 'an-admin-secret',
      certificate: read('one.crt'),
    })
    expect(await send({ method: 'GET', path: '/' })).to.deep.equal({
      authorization: `Basic ${Buffer.from('admin:an-admin-secret').toString('base64')}`,
    })
  })

  it('gives its secret to nobody with another certificate', async () => {
    const send = managementClient({
      origin,
      secret: 'an-admin-secret',
      certificate: read('two.crt'),
    })
    const error = await send({ method: 'GET', path: '/' }).catch((cause: Error) => cause)
    expect(error).to.be.instanceOf(Error)
    expect((error as Error).message).to.include(origin)
  })
})
