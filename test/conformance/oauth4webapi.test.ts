import { expect } from 'chai'
import * as oauth from 'oauth4webapi'
import { startGateway, type TestGateway } from '../support/gateway.ts'

/** The samples listen on loopback without TLS, which the library refuses unless told. */
const onLoopback = { [oauth.allowInsecureRequests]: true }

describe('oauth4webapi, unchanged, against the quickstart', () => {
  let gateway: TestGateway
  let server: oauth.AuthorizationServer
  const client: oauth.Client = { client_id: 'sample-app' }
  const resourceServer: oauth.Client = { client_id: 'sample-resource-server' }

  before(async () => {
    gateway = await startGateway()
    const issuer = new URL(gateway.traffic)
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...onLoopback })
    server = await oauth.processDiscoveryResponse(issuer, response)
  })
  after(() => gateway.stop())

  const methods = {
    client_secret_basic: oauth.ClientSecretBasic('sample-secret'),
    client_secret_post: oauth.ClientSecretPost('sample-secret'),
  }
  for (const [method, authentication] of Object.entries(methods)) {
    it(`walks issue, introspection and revocation with ${method}`, async () => {
      expect(server.token_endpoint_auth_methods_supported).to.include(method)
      const parameters = new URLSearchParams({ scope: 'read write' })
      const { access_token: token, ...granted } = await oauth.processClientCredentialsResponse(
        server,
        client,
        await oauth.clientCredentialsGrantRequest(
          server,
          client,
          authentication,
          parameters,
          onLoopback,
        ),
      )
      expect(granted).to.deep.equal({
        token_type: 'bearer',
        expires_in: 3600,
        scope: 'read write',
      })

      const introspect = async () =>
        oauth.processIntrospectionResponse(
          server,
          resourceServer,
          await oauth.introspectionRequest(
            server,
            resourceServer,
            authentication,
            token,
            onLoopback,
          ),
        )
      expect(await introspect()).to.include({ active: true, client_id: 'sample-app' })
      await oauth.processRevocationResponse(
        await oauth.revocationRequest(server, client, authentication, token, onLoopback),
      )
      expect(await introspect()).to.deep.equal({ active: false })
    })
  }

  it('is told why a request is refused', async () => {
    const wrong = oauth.ClientSecretBasic('wrong-secret')
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      wrong,
      new URLSearchParams(),
      onLoopback,
    )
    const error = await oauth
      .processClientCredentialsResponse(server, client, response)
      .catch((cause: unknown) => cause)
    expect(error).to.be.instanceOf(oauth.WWWAuthenticateChallengeError)
  })
})
