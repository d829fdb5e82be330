import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { createPeer } from '../conformance/requirement.ts'
import { learnSecret } from '../support/evidence.ts'
import { endAll, type GatewayProcess, runSallyport, startProcess } from '../support/process.ts'

describe('the command sallyport', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-cli-'))
  })
  afterEach(async () => {
    await endAll()
    await rm(folder, { recursive: true })
  })

  async function run<Result>(...words: string[]): Promise<Result> {
    const { code, stdout, stderr } = await runSallyport(folder, [...words, '--json'])
    expect(code, stderr).to.equal(0)
    return JSON.parse(stdout)
  }

  it('says the same whether a gateway runs or not', async function () {
    this.timeout(60_000)
    interface Application {
      readonly clientId: string
      readonly secret: string
      readonly enabled: boolean
    }
    expect((await runSallyport(folder, ['apps', 'list'])).stderr).to.include('is not there yet')
    const words = ['--id', 'mine', '--grant', 'client_credentials', '--scope', 'a b']
    const created = await run<Application>('apps', 'create', ...words, '--default-scope', 'a')
    expect(created.secret).to.match(/^[\w-]{43}$/)
    learnSecret(created.secret)

    const gateway: GatewayProcess = await startProcess(folder)
    const peer = createPeer(gateway.traffic)
    const grant = () =>
      peer.send('/oauth/token', {
        basic: `mine:${created.secret}`,
        form: { grant_type: 'client_credentials' },
      })
    const { json } = await grant()
    expect(json.scope).to.equal('a')

    const listed = await run<readonly Application[]>('apps', 'list')
    expect(listed.map(({ clientId }) => clientId)).to.include.members(['mine', 'sample-app'])
    const [token] = await run<readonly { id: string }[]>('tokens', 'list', '--client', 'mine')
    await run('tokens', 'revoke', token?.id ?? '')
    const { json: said } = await peer.send('/oauth/introspect', {
      basic: 'sample-resource-server:sample-secret',
      form: { token: String(json.access_token) },
    })
    expect(said).to.deep.equal({ active: false })

    await run('apps', 'disable', 'mine')
    expect((await grant()).status).to.equal(401)
    await run('apps', 'enable', 'mine')
    expect((await grant()).status).to.equal(200)
    await run('apps', 'disable', 'mine')
    await gateway.end('SIGTERM')
    expect((await run<Application>('apps', 'show', 'mine')).enabled).to.equal(false)
  })

  /** The quickstart with its store in memory. */
  async function writeMemoryConfig(): Promise<string> {
    const config = join(folder, 'gateway.json')
    const quickstart = JSON.parse(await readFile('samples/quickstart/gateway.json', 'utf8'))
    const stores = { main: { adapter: 'memory' } }
    const sampleData = resolve('samples/quickstart/sample-data.json')
    const changed = { ...quickstart, stores, sampleData, policies: resolve('policies') }
    await writeFile(config, JSON.stringify(changed))
    return config
  }

  it('refuses to administer a memory that only a running gateway has', async () => {
    const { code, stderr } = await runSallyport(folder, ['apps', 'list'], {
      SALLYPORT_CONFIG: await writeMemoryConfig(),
    })
    expect(code).to.equal(1)
    expect(stderr).to.include('only its running gateway can do this')
  })

  it('ends with 1 while a store answers, but has a problem, and shows it', async () => {
    const collections = [
      {
        name: 'tokens',
        reachable: true,
        roundTrip: 1,
        problem: 'the disk is full',
        expired: 10_001,
      },
    ]
    const server = createServer((_, response) =>
      response.end(JSON.stringify({ stores: [], collections })),
    )
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const { code, stdout, stderr } = await runSallyport(folder, ['store', 'status'], {
      SALLYPORT_CONFIG: await writeMemoryConfig(),
      SALLYPORT_MANAGEMENT_PORT: String(port),
      SALLYPORT_ADMIN_SECRET: 'whatever-it-is',
    })
    server.close()
    expect(stdout, stderr).to.match(/^tokens +the disk is full +1.0 ms +> 10000/m)
    expect(code).to.equal(1)
  })

  const wrongUsage: Readonly<Record<string, readonly string[]>> = {
    'a verb that there is not': ['frobnicate'],
    'an option that there is not': ['lint', '--frobnicate'],
    'a missing word': ['trace'],
    'tokens of nobody': ['tokens', 'list'],
  }
  for (const [title, words] of Object.entries(wrongUsage)) {
    it(`ends with 2 on ${title}`, async () => {
      const { code, stderr } = await runSallyport(folder, words)
      expect(code).to.equal(2)
      expect(stderr).to.match(/^error: /)
    })
  }

  it('ends with 1 and names what it did not find', async () => {
    await (await startProcess(folder)).end('SIGTERM')
    const { code, stderr } = await runSallyport(folder, ['apps', 'show', 'nobody'])
    expect(code).to.equal(1)
    expect(stderr).to.equal('sallyport: there is no client nobody\n')
  })

  it('traces a request node by node, without a server and without a secret', async () => {
    const { code, stdout } = await runSallyport(folder, [
      ...['trace', 'policies/oauth/revoke.json', '--basic', 'sample-app:sample-secret'],
      ...['--form', 'token=a-token-of-mine'],
    ])
    expect(code).to.equal(0)
    expect(stdout).to.match(/find-client +client\/authenticate +success/)
    expect(stdout).to.match(/revoke +token\/revoke +success/)
    expect(stdout).to.match(/@success 200/)
    expect(stdout).not.to.match(/sample-secret|a-token-of-mine/)
  })
})
