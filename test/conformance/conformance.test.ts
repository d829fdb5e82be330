import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createPeer, type Peer, type Requirement } from './requirement.ts'
import { rfc6749 } from './rfc6749.ts'
import { rfc7009 } from './rfc7009.ts'
import { rfc7662 } from './rfc7662.ts'

const standards: Readonly<Record<string, readonly Requirement[]>> = {
  'RFC 6749, OAuth 2.0': rfc6749,
  'RFC 7009, token revocation': rfc7009,
  'RFC 7662, token introspection': rfc7662,
}

describe('conformance', () => {
  let gateway: TestGateway
  let peer: Peer

  before(async () => {
    gateway = await startGateway({ sampleData: 'test/conformance/sample-data.json' })
    peer = createPeer(gateway.traffic)
  })
  after(() => gateway.stop())

  for (const [title, requirements] of Object.entries(standards)) {
    describe(title, () => {
      for (const { source, answer, check } of requirements) {
        if (check) it(`${source}: ${answer}`, () => check(peer))
      }
    })
  }
})
