import { relative } from 'node:path'
import { expect } from 'chai'
import type { Finding } from '../../../engine/policy/finding.ts'
import { gatewayJson, lendPolicy, SetUp } from './demo.ts'

const route = (more: object = {}) => ({
  ...{ listener: 'traffic', method: 'GET', path: '/books/:title', policy: 'lend' },
  ...more,
})

describe('checking a gateway', () => {
  let setUp: SetUp

  beforeEach(async () => {
    setUp = await SetUp.make()
  })
  afterEach(() => setUp.remove())

  async function findings(more: object, env = {}): Promise<readonly Finding[]> {
    await setUp.write({ 'gateway.json': gatewayJson(more) })
    return (await setUp.check({ env })).findings
  }
  const codes = (list: readonly Finding[]) => list.map(({ code, pointer }) => `${code} ${pointer}`)

  it('finds nothing in what is right', async () => {
    const { findings, config, policies, confidential, repeatable } = await setUp.check()
    expect(findings).to.deep.equal([])
    expect(config?.limits).to.include({ body: 65536, policyTime: 30_000 })
    expect(config?.listeners.traffic).to.deep.equal({
      ...{ host: '127.0.0.1', port: 0, trustedProxies: [] },
    })
    expect([...policies.keys()]).to.deep.equal(['lend'])
    expect([...confidential]).to.deep.equal(['card'])
    expect([...repeatable]).to.deep.equal(['genre'])
  })

  it('names file, line, column, the thing and the remedy', async () => {
    await setUp.write({
      'gateway.json': '{\n  "listeners": {},\n  "storse": {},\n  "policies": "p"\n}',
    })
    const { findings, config } = await setUp.check()
    expect(config).to.equal(undefined)
    expect(findings).to.have.length(1)
    expect(findings[0]).to.include({
      ...{
        file: relative('.', setUp.path('gateway.json')).startsWith('..')
          ? setUp.path('gateway.json')
          : '',
      },
      ...{ line: 3, column: 3, code: 'bad-setting', pointer: '/storse' },
    })
    expect(findings[0]?.message).to.contain('storse')
    expect(findings[0]?.remedy).to.contain('stores')
  })

  it('finds what is no JSON, and keys that stand twice', async () => {
    await setUp.write({ 'gateway.json': '{ "routes": [,] }' })
    expect(codes((await setUp.check()).findings)).to.deep.equal(['malformed-json '])
    await setUp.write({ 'gateway.json': '{ "stores": {}, "stores": {} }' })
    expect(codes((await setUp.check()).findings)).to.deep.equal(['duplicate-key /stores'])
  })

  it('finds that there is no such file', async () => {
    const { findings } = await setUp.check({ configFile: setUp.path('nothing.json') })
    expect(findings[0]).to.include({ code: 'unreadable-file', line: 1, column: 1 })
    expect(findings[0]?.message).to.contain('nothing.json')
  })

  const mistakes: Record<string, [object, string]> = {
    'a port that is none': [
      { listeners: { traffic: { port: 'x' } }, routes: [] },
      'bad-setting /listeners/traffic/port',
    ],
    'a listener without a port': [
      { listeners: { traffic: {} }, routes: [] },
      'bad-setting /listeners/traffic',
    ],
    'a url with a path': [
      { listeners: { traffic: { port: 0, url: 'https://a/b' } }, routes: [] },
      'bad-setting /listeners/traffic/url',
    ],
    'a url that holds more than an origin': [
      { listeners: { traffic: { port: 0, url: 'https://a b"<x>@c' } }, routes: [] },
      'bad-setting /listeners/traffic/url',
    ],
    'a url that is not written in the usual way': [
      { listeners: { traffic: { port: 0, url: 'https://Example.com:443' } }, routes: [] },
      'bad-setting /listeners/traffic/url',
    ],
    'listeners on the same port': [
      { listeners: { traffic: { port: 8080 }, other: { port: 8080, host: '0.0.0.0' } } },
      'bad-setting /listeners/other/port',
    ],
    'stores in the same folder': [
      { stores: { main: { adapter: 'lmdb', path: 'd' }, b: { adapter: 'lmdb', path: './d' } } },
      'bad-setting /stores/b/path',
    ],
    'a parameter that stands twice in a path': [
      { routes: [route({ path: '/books/:id/:id' })] },
      'bad-setting /routes/0/path',
    ],
    'a proxy that is no network': [
      { listeners: { traffic: { port: 0, trustedProxies: ['everybody'] } } },
      'bad-setting /listeners/traffic/trustedProxies/0',
    ],
    'a store of an unknown kind': [
      { stores: { main: { adapter: 'clay' } } },
      'unknown-adapter /stores/main/adapter',
    ],
    'a setting that the adapter does not know': [
      { stores: { main: { adapter: 'memory', path: 'x' } } },
      'bad-setting /stores/main/path',
    ],
    'a setting that the adapter misses': [
      { stores: { main: { adapter: 'lmdb' } } },
      'bad-setting /stores/main',
    ],
    'a table in an unknown store': [
      { tables: { people: { store: 'mian' } } },
      'unknown-store /tables/people/store',
    ],
    'an extension’s entry in an unknown store': [
      { shelves: { novels: { store: 'attic' } } },
      'unknown-store /shelves/novels/store',
    ],
    'an extension’s entry in a store that cannot promise enough': [
      {
        stores: { main: { adapter: 'memory' }, plain: { adapter: 'keyv', module: '@keyv/redis' } },
        shelves: { novels: { store: 'plain' } },
      },
      'weak-store /shelves/novels/store',
    ],
    'a table with an index in a store that has none': [
      {
        stores: { main: { adapter: 'memory' }, plain: { adapter: 'keyv', module: '@keyv/redis' } },
        tables: {
          people: { store: 'plain', indexed: ['name'] },
          pets: { store: 'plain' },
        },
      },
      'weak-store /tables/people/store',
    ],
    'a wrong setting of an extension': [
      { shelves: { novels: { store: 'main', color: 'red' } } },
      'bad-setting /shelves/novels/color',
    ],
    'a route on an unknown listener': [
      { routes: [route({ listener: 'trafic' })] },
      'unknown-listener /routes/0/listener',
    ],
    'a route to an unknown policy': [
      { routes: [route(), route({ path: '/x', policy: 'lent' })] },
      'unknown-policy /routes/1/policy',
    ],
    'a path without a slash': [
      { routes: [route({ path: 'books' })] },
      'bad-setting /routes/0/path',
    ],
    'a path with a query': [
      { routes: [route({ path: '/books?x' })] },
      'bad-setting /routes/0/path',
    ],
    'a method in lower case': [
      { routes: [route({ method: 'get' })] },
      'bad-setting /routes/0/method/0',
    ],
    'no method': [{ routes: [route({ method: [] })] }, 'bad-setting /routes/0/method'],
    'routes of the same shape': [
      { routes: [route(), route({ path: '/books/:name', method: ['POST', 'GET'] })] },
      'ambiguous-route /routes/1',
    ],
    'a route in the way of the health': [
      { routes: [route({ listener: 'management', path: '/health/ready' })] },
      'ambiguous-route /routes/0/path',
    ],
    'an unknown log level': [{ log: { level: 'loud' } }, 'bad-setting /log/level'],
    'a folder of policies that is not there': [
      { policies: 'polices', routes: [] },
      'unreadable-file /policies',
    ],
    'sample data within reach from outside': [
      { sampleData: 's.json', listeners: { traffic: { host: '0.0.0.0', port: 0 } } },
      'exposed-sample-data /listeners/traffic/host',
    ],
  }
  for (const [what, [more, expected]] of Object.entries(mistakes)) {
    it(`finds ${what}`, async () => {
      const list = await findings(more)
      expect(codes(list)).to.deep.equal([expected])
      expect(list[0]?.remedy).not.to.equal('')
      expect(list[0]?.line).to.be.above(0)
    })
  }

  it('does not take routes of different listeners or methods for ambiguous', async () => {
    const routes = [route(), route({ method: 'POST' }), route({ listener: 'management' })]
    expect(await findings({ routes })).to.deep.equal([])
  })

  it('suggests the name that was meant', async () => {
    const [finding] = await findings({ routes: [route({ policy: 'lend-' })] })
    expect(finding?.remedy).to.equal('did you mean "lend"?')
  })

  it('finds mistakes in policies too, each in its file', async () => {
    await setUp.write({
      'policies/a/lost.json': lendPolicy({ shelf: 'poems' }),
      'policies/lend.test.json': '{ "no": "policy" }',
      'policies/README.md': 'no policy either',
    })
    const list = await findings({ routes: [] })
    expect(codes(list)).to.deep.equal(['unknown-shelf /nodes/lend/config/shelf'])
    expect(list[0]?.file).to.match(/policies\/a\/lost\.json$/)
    expect([...(await setUp.check()).policies.keys()]).to.deep.equal(['lend'])
  })

  describe('with variables', () => {
    const listeners = { traffic: { port: `\${env.PORT}`, host: `127.0.\${env.NET}.1` } }

    it('puts their values in place, as numbers where the schema wants them', async () => {
      await findings({ listeners, limits: { body: `\${env.BODY}` } })
      const env = { PORT: '0', NET: '0', BODY: '100' }
      const { config, findings: list } = await setUp.check({ env })
      expect(list).to.deep.equal([])
      expect(config?.listeners.traffic).to.include({ port: 0, host: '127.0.0.1' })
      expect(config?.limits.body).to.equal(100)
    })

    it('leaves texts that look like numbers texts', async () => {
      await findings({
        shelves: { novels: { store: `\${env.STORE}` } },
        stores: { 1: { adapter: 'memory' } },
      })
      const { config, findings: list } = await setUp.check({ env: { STORE: '1' } })
      expect(list).to.deep.equal([])
      expect(config?.shelves).to.deep.equal({ novels: { store: '1', purgeEvery: 60 } })
    })

    it('finds those that are not set, once and by name', async () => {
      const list = await findings({ listeners, routes: [] }, { NET: '0' })
      expect(codes(list)).to.deep.equal(['unset-variable /listeners/traffic/port'])
      expect(list[0]?.message).to.contain('PORT')
      expect(codes(await findings({ policies: `\${env.toString}` }))).to.deep.equal([
        'unset-variable /policies',
      ])
    })

    it('finds references that are none', async () => {
      for (const text of [`\${PORT}`, `\${env.}`, `\${env.A B}`, `\${env.A`]) {
        expect(codes(await findings({ policies: text })), text).to.deep.equal([
          'bad-variable /policies',
        ])
      }
    })

    it('does not repeat a value that does not fit', async () => {
      const list = await findings({ listeners, routes: [] }, { PORT: 's3cret', NET: '0' })
      expect(codes(list)).to.deep.equal(['bad-setting /listeners/traffic/port'])
      expect(JSON.stringify(list)).to.contain('PORT').and.not.contain('s3cret')
    })

    it('takes a path from the environment as seen from here, and others as seen from the file', async () => {
      const stores = {
        main: { adapter: 'lmdb', path: `\${env.DATA}` },
        other: { adapter: 'lmdb', path: 'd' },
      }
      await findings({ stores })
      const { config, findings: list } = await setUp.check({ env: { DATA: './d' } })
      expect(list).to.deep.equal([])
      expect(config?.stores.main?.path).to.equal(`${process.cwd()}/d`)
      expect(config?.stores.other?.path).to.equal(setUp.path('d'))
      expect(config?.policies).to.equal(setUp.path('policies'))
    })
  })

  describe('with modules of filters', () => {
    const definition = (name: string) =>
      `{ name: '${name}', summary: 'Does nothing.', config: { type: 'object', properties: {}, additionalProperties: false },
         outcomes: ['success'], reads: () => [], writes: () => ({}), confidential: () => [], example: {},
         create: () => () => 'success' }`
    const module = (...names: string[]) => `export default [${names.map(definition)}]`

    it('joins them to the library, from paths and from packages', async () => {
      await setUp.write({
        'filters/one.mjs': `export default ${definition('mine/one')}`,
        'node_modules/more-filters/package.json': { name: 'more-filters', main: 'index.mjs' },
        'node_modules/more-filters/index.mjs': module('more/two', 'more/three'),
      })
      expect(await findings({ filters: ['./filters/one.mjs', 'more-filters'] })).to.deep.equal([])
      const { library } = await setUp.check()
      expect(library).to.have.all.keys('demo/lend', 'mine/one', 'more/two', 'more/three')
    })

    it('finds those that throw, are not there, or export no filter', async () => {
      await setUp.write({
        'a-throws.mjs': 'throw new Error("out of paint")',
        'b-empty.mjs': 'export const filter = 1',
        'c-list.mjs': 'export default []',
        'd-other.mjs': 'export default { name: "x" }',
      })
      const filters = [
        './a-throws.mjs',
        './b-empty.mjs',
        './c-list.mjs',
        './d-other.mjs',
        './e.mjs',
        'no-such-package',
      ]
      const list = await findings({ filters })
      expect(codes(list)).to.deep.equal(
        filters.map((_, index) => `module-failed /filters/${index}`),
      )
      expect(list.map(({ message }) => message).join('\n'))
        .to.contain('./a-throws.mjs')
        .and.contain('out of paint')
        .and.contain('no-such-package')
    })

    it('finds a name that is taken, and says which module brings it', async () => {
      await setUp.write({ 'one.mjs': module('demo/lend') })
      const list = await findings({ filters: ['./one.mjs'] })
      expect(codes(list)).to.deep.equal(['duplicate-filter /filters/0'])
      expect(list[0]?.message).to.contain('./one.mjs').and.contain('demo/lend')
    })
  })
})
