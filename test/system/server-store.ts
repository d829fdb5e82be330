import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { type Answer, createPeer, type Peer } from '../conformance/requirement.ts'
import { endAll, type GatewayProcess, runSallyport, startProcess } from '../support/process.ts'

/** A database server that tests may ill-treat. */
export interface ServerControl {
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
  freeze(): void | Promise<void>
  thaw(): void
}

export interface ServerStore {
  readonly server: ServerControl
  /** Its entry under `stores`, on a place that nobody has used yet. */
  newEntry(): Promise<Readonly<Record<string, unknown>>>
}

/** The quickstart on a store of a server, started in processes. */
export interface Quickstart {
  start(options?: StartOptions): Promise<RunningGateway>
  /** Runs `sallyport …` to its end. */
  run(words: readonly string[], env: Environment): ReturnType<typeof runSallyport>
  remove(): Promise<void>
}

type Environment = Readonly<Record<string, string>>

export interface StartOptions {
  readonly workers?: number
  /** In place of the folder that all others share. */
  readonly keys?: string
}

export interface RunningGateway extends GatewayProcess {
  readonly peer: Peer
  issue(): Promise<Answer>
  revoke(token: string): Promise<Answer>
  introspect(token: string): Promise<Answer>
  /** What `/health/ready` answers. */
  readiness(): Promise<Answer>
  untilReady(): Promise<void>
}

const app = { basic: 'sample-app:sample-secret' }
const resourceServer = { basic: 'sample-resource-server:sample-secret' }

/** The quickstart with its `stores` entry changed, and nothing else. */
export async function makeQuickstart(entry: object): Promise<Quickstart> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-server-store-'))
  const file = join(folder, 'gateway.json')
  const quickstart = resolve('samples/quickstart')
  const config = JSON.parse(await readFile(join(quickstart, 'gateway.json'), 'utf8'))
  const places = {
    policies: resolve(quickstart, config.policies),
    sampleData: resolve(quickstart, config.sampleData),
  }
  await writeFile(file, JSON.stringify({ ...config, ...places, stores: { main: entry } }))

  return {
    async start({ workers, keys } = {}) {
      const env = { SALLYPORT_CONFIG: file, ...(keys && { SALLYPORT_KEYS: join(folder, keys) }) }
      const options = workers === undefined ? [] : ['--workers', String(workers)]
      return withRequests(await startProcess(folder, env, options))
    },
    run: (words, env) => runSallyport(folder, words, { SALLYPORT_CONFIG: file, ...env }),
    async remove() {
      await endAll()
      await rm(folder, { recursive: true })
    },
  }
}

function withRequests(gateway: GatewayProcess): RunningGateway {
  const peer = createPeer(gateway.traffic)
  const readiness = () => createPeer(gateway.management).send('/health/ready', { method: 'GET' })
  return {
    ...gateway,
    peer,
    issue: () => peer.send('/oauth/token', { ...app, form: { grant_type: 'client_credentials' } }),
    revoke: (token) => peer.send('/oauth/revoke', { ...app, form: { token } }),
    introspect: (token) => peer.send('/oauth/introspect', { ...resourceServer, form: { token } }),
    readiness,
    async untilReady() {
      while ((await readiness()).status !== 200) await sleep(20)
    },
  }
}

export async function issueToken(gateway: RunningGateway): Promise<string> {
  const { status, json } = await gateway.issue()
  expect(status).to.equal(200)
  return String(json.access_token)
}

export async function isActive(gateway: RunningGateway, token: string): Promise<unknown> {
  const { status, json } = await gateway.introspect(token)
  expect(status).to.equal(200)
  return json.active
}

/** Issue, introspect, revoke, introspect. */
export async function walk(gateway: RunningGateway): Promise<void> {
  const token = await issueToken(gateway)
  expect(await isActive(gateway, token)).to.equal(true)
  expect((await gateway.revoke(token)).status).to.equal(200)
  expect(await isActive(gateway, token)).to.equal(false)
}
