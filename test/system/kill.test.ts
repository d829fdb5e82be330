import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { createPeer, type Peer } from '../conformance/requirement.ts'
import { endAll, runSallyport, startProcess } from '../support/process.ts'

const ROUNDS = Number(process.env.SALLYPORT_KILL_ROUNDS ?? 3)
const CLIENTS = 8
const app = { basic: 'sample-app:sample-secret' }

/** What the gateway has answered 200 to, and so has promised. */
class Ledger {
  readonly alive = new Set<string>()
  readonly revoked = new Set<string>()

  /** Issues and revokes until the gateway is gone. What was under way then may have been done or not. */
  async fill(peer: Peer): Promise<void> {
    const form = { grant_type: 'client_credentials' }
    for (let turn = 0; ; turn += 1) {
      const issued = await peer.send('/oauth/token', { ...app, form }).catch(() => undefined)
      if (!issued) return
      const token = String(issued.json.access_token)
      if (turn % 2 === 0) {
        this.alive.add(token)
        continue
      }
      const answer = await peer
        .send('/oauth/revoke', { ...app, form: { token } })
        .catch(() => undefined)
      if (!answer) return
      expect(answer.status).to.equal(200)
      this.revoked.add(token)
    }
  }

  async check(peer: Peer): Promise<void> {
    const ask = async (token: string) =>
      (
        await peer.send('/oauth/introspect', {
          basic: 'sample-resource-server:sample-secret',
          form: { token },
        })
      ).json.active
    for (const token of this.alive)
      expect(await ask(token), 'an issued token is lost').to.equal(true)
    for (const token of this.revoked) {
      expect(await ask(token), 'a revocation is undone').to.equal(false)
    }
  }
}

describe('a gateway that is killed', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-kill-'))
  })
  afterEach(async () => {
    await endAll()
    await rm(folder, { recursive: true })
  })

  it(`keeps every answer it gave, over ${ROUNDS} kills in the middle of work`, async function () {
    this.timeout(ROUNDS * 20_000)
    const ledger = new Ledger()
    for (let round = 0; round < ROUNDS; round += 1) {
      const gateway = await startProcess(folder)
      const peer = createPeer(gateway.traffic)
      const work = Array.from({ length: CLIENTS }, () => ledger.fill(peer))
      await sleep(100 + Math.random() * 400)
      expect(await gateway.end('SIGKILL')).to.equal('SIGKILL')
      await Promise.all(work)
    }
    const gateway = await startProcess(folder)
    expect(ledger.alive.size).to.be.greaterThan(0)
    expect(ledger.revoked.size).to.be.greaterThan(0)
    await ledger.check(createPeer(gateway.traffic))
    expect(await gateway.end('SIGTERM')).to.equal(0)
  })

  it('does not let a second one on its data, and says what to do', async () => {
    const gateway = await startProcess(folder)
    const { code, stderr } = await runSallyport(folder, ['start'])
    expect(code).to.equal(1)
    expect(stderr).to.include(join(folder, 'data'))
    expect(stderr).to.include(`process ${gateway.child.pid}`)
    expect(stderr).to.include('stop it, or use a server store')
    await gateway.end('SIGTERM')
  })
})
