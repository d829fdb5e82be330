import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { silentLog } from '../../../engine/gateway/log.ts'
import { rehearse } from '../../../engine/gateway/rehearse.ts'
import { FindingsError } from '../../../engine/policy/finding.ts'
import { checkSetUp, createGateway } from '../../../index.ts'

interface Mistake {
  /** What differs in `gateway.json` from a set-up that is right. */
  readonly settings?: object
  /** The config of the policy's only node, and its filter. */
  readonly node?: readonly [filter: string, config: object]
  readonly samples?: object
  readonly env?: Readonly<Record<string, string>>
  readonly finding: string
}

const pem = (name: string) => join(import.meta.dirname, '../http/tls', name)
const secured = (certificate: string, key: string) => ({
  listeners: { traffic: { port: 0, tls: { certificate: pem(certificate), key: pem(key) } } },
})

const mistakes: Readonly<Record<string, Mistake>> = {
  'an answer of nothing': {
    node: ['http/respond-json', {}],
    finding: 'create-failed /nodes/node',
  },
  'a description without a code': {
    node: ['oauth/respond-error', { description: 'x' }],
    finding: 'create-failed /nodes/node',
  },
  'an attribute that is not free to be set': {
    node: ['flow/set-attributes', { attributes: { response: { var: 'request.method' } } }],
    finding: 'create-failed /nodes/node',
  },
  'a table without the indexes that its use needs': {
    settings: { tables: tables({ Clients: { store: 'main', primaryKey: 'clientId' } }) },
    finding: 'bad-setting /tables/Clients/indexed',
  },
  'a certificate that is not there': {
    settings: secured('none.crt', 'one.key'),
    finding: 'bad-certificate /listeners/traffic/tls',
  },
  'a certificate with another key': {
    settings: secured('one.crt', 'two.key'),
    finding: 'bad-certificate /listeners/traffic/tls',
  },
  'sample data that are not there': {
    settings: { sampleData: 'none.json' },
    finding: 'unreadable-file /sampleData',
  },
  'sample data that are no JSON object': {
    settings: { sampleData: 'samples.json' },
    samples: [],
    finding: 'bad-sample-data /sampleData',
  },
  'sample data that fit nothing': {
    settings: { sampleData: 'samples.json' },
    samples: { tokens: { Tokens: [{ token: 't', client: 'nobody', expiresIn: 60 }] } },
    finding: 'bad-sample-data /sampleData',
  },
  'sample data in production': {
    settings: { sampleData: 'samples.json' },
    env: { NODE_ENV: 'production' },
    finding: 'exposed-sample-data /sampleData',
  },
}

function tables(more: object = {}) {
  return {
    Clients: { store: 'main', primaryKey: 'clientId', indexed: ['number', 'applicationId'] },
    Consents: { store: 'main', primaryKey: 'key', indexed: ['application', 'owner'] },
    Families: { store: 'main', primaryKey: 'id', indexed: ['authorization'] },
    ...more,
  }
}

describe('rehearsing a start', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-rehearse-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** Answers what lint finds, and what a start refuses. */
  async function judge({ settings, node, samples = {}, env = {} }: Partial<Mistake>) {
    const [filter, config] = node ?? ['http/respond', {}]
    const write = (name: string, content: object) =>
      writeFile(join(folder, name), JSON.stringify(content, undefined, 2))
    await mkdir(join(folder, 'policies'))
    await write('samples.json', samples)
    await write('policies/demo.json', {
      description: 'Demo',
      start: 'node',
      nodes: { node: { filter, config, on: { success: '@success' } } },
    })
    await write('gateway.json', {
      listeners: { traffic: { port: 0 } },
      stores: { main: { adapter: 'lmdb', path: 'data' } },
      tables: tables(),
      tokenStores: {
        Tokens: {
          store: 'main',
          registry: 'Clients',
          authorizations: 'Consents',
          families: 'Families',
        },
      },
      policies: 'policies',
      routes: [{ listener: 'traffic', method: 'GET', path: '/', policy: 'demo' }],
      ...settings,
    })
    const setUp = { config: join(folder, 'gateway.json'), env }
    const found = await rehearse(await checkSetUp(setUp), env)
    const keys = join(folder, 'keys')
    const refused = await createGateway({ ...setUp, keys, log: silentLog }).then(
      (gateway) => gateway.stop(),
      (error) => {
        if (error instanceof FindingsError) return error.findings
        throw error
      },
    )
    return { found, refused }
  }

  it('finds nothing where a gateway starts', async () => {
    expect(await judge({})).to.deep.equal({ found: [], refused: undefined })
  })

  for (const [what, mistake] of Object.entries(mistakes)) {
    it(`finds ${what}, just as the start does`, async () => {
      const { found, refused } = await judge(mistake)
      expect(found.map(({ code, pointer }) => `${code} ${pointer}`)).to.deep.equal([
        mistake.finding,
      ])
      expect(found[0]?.line).to.be.above(1)
      expect(found[0]?.remedy).not.to.equal('')
      expect(refused).to.deep.equal(found)
    })
  }
})
