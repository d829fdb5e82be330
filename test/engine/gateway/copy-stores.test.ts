import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import {
  copyStores,
  requireCopyTarget,
  shutCopyTarget,
} from '../../../engine/gateway/copy-stores.ts'
import { silentLog } from '../../../engine/gateway/log.ts'
import { type OpenServices, openServices } from '../../../engine/gateway/open.ts'
import { memoryKeyRing } from '../../../engine/kps/key-ring.ts'
import { isMisuse, type StoreAdapter } from '../../../engine/stores/contract.ts'
import { checkSetUp, createGateway } from '../../../index.ts'

const REGISTRY = 'tables:ClientApplicationRegistry'
const TOKENS = 'tokenStores:OAuth Access Token Store'
const keys = memoryKeyRing()
const HOUR = 3_600_000

describe('copying stores', () => {
  let folder: string
  let source: OpenServices
  let target: OpenServices

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-copy-'))
    source = await open('source')
    target = await open('target')
  })
  afterEach(async () => {
    await Promise.all([source.close(), target.close()])
    await rm(folder, { recursive: true })
  })

  /** The quickstart in a folder of its own, with its tables or with others. */
  async function open(name: string, tables?: object): Promise<OpenServices> {
    const quickstart = JSON.parse(await readFile('samples/quickstart/gateway.json', 'utf8'))
    const { sampleData: _, ...rest } = quickstart
    const config = join(folder, `${name}.json`)
    const stores = { main: { adapter: 'lmdb', path: join(folder, name) } }
    const changed = { ...rest, stores, policies: resolve('policies') }
    await writeFile(config, JSON.stringify({ ...changed, tables: { ...rest.tables, ...tables } }))
    const checked = await checkSetUp({ config, env: {} })
    return openServices(checked, { log: silentLog, keys, credentials: { admin: 'whoever' } })
  }

  function adapterOf(services: OpenServices, name: string): StoreAdapter {
    const found = services.collections.find((each) => each.name === name)
    if (!found) throw new Error(`there is no ${name}`)
    return found.adapter
  }

  async function copy(): Promise<Awaited<ReturnType<typeof copyStores>>> {
    await requireCopyTarget(target)
    await shutCopyTarget(source, target)
    return copyStores(source, target, () => {})
  }

  const text = (value: object, expires?: number) =>
    JSON.stringify({ value, ...(expires !== undefined && { expires }) })

  it('carries every record over with its text and its life', async () => {
    const expires = Date.now() + HOUR
    const odd = text({ name: 'Zoë "\u2028" 🦊', n: 1e21 })
    await adapterOf(source, REGISTRY).set('a key', odd)
    await adapterOf(source, TOKENS).set('token', text({ client: 'a key' }, expires), HOUR)
    const { records, digest } = await copy()
    expect(records).to.equal(2)
    expect(digest).to.match(/^[0-9a-f]{64}$/)
    expect(await adapterOf(target, REGISTRY).get('a key')).to.equal(odd)
    const tokens = adapterOf(target, TOKENS)
    expect(await tokens.get('token')).to.equal(text({ client: 'a key' }, expires))
    expect(await tokens.purgeExpired(10)).to.equal(0)
  })

  it('builds the indexes of the target', async () => {
    await adapterOf(source, REGISTRY).set('a', text({ applicationId: 'x' }))
    await copy()
    const { items } = await adapterOf(target, REGISTRY).find('applicationId', 'x', { limit: 10 })
    expect(items.map(({ key }) => key)).to.deep.equal(['a'])
  })

  it('copies more than one page, and what is about to end without counting it', async () => {
    const registry = adapterOf(source, REGISTRY)
    await Promise.all(
      Array.from({ length: 2500 }, (_, n) => registry.set(`client ${n}`, text({ n }))),
    )
    const soon = Date.now() + 30_000
    await adapterOf(source, TOKENS).set('soon', text({}, soon), 30_000)
    const { records } = await copy()
    expect(records).to.equal(2500)
    expect(await adapterOf(target, TOKENS).get('soon')).to.equal(text({}, soon))
  })

  it('gives equal records equal digests, in whatever order they came', async () => {
    const set = (services: OpenServices, n: number) =>
      adapterOf(services, REGISTRY).set(`client ${n}`, text({ n }))
    for (const n of [1, 2, 3]) await set(source, n)
    const first = await copy()
    const third = target
    target = await open('another')
    await adapterOf(source, REGISTRY).clear()
    for (const n of [3, 1, 2]) await set(source, n)
    expect((await copy()).digest).to.equal(first.digest)
    await third.close()
  })

  it('opens the target when all is there, and leaves the source to whoever has locked it', async () => {
    await source.locks.get('main')?.set('locked')
    await copy()
    expect(await target.locks.get('main')?.look()).to.equal(undefined)
    expect(await source.locks.get('main')?.look()).to.include({ state: 'locked' })
  })

  it('refuses a target that has records', async () => {
    await adapterOf(target, REGISTRY).set('somebody', text({}))
    const error = await copy().catch((cause) => cause)
    expect(isMisuse(error)).to.equal(true)
    expect(String(error)).to.contain(REGISTRY)
    expect(await adapterOf(target, REGISTRY).has('somebody')).to.equal(true)
  })

  it('begins again where another copy was not finished', async () => {
    await adapterOf(source, REGISTRY).set('a', text({ n: 1 }))
    await shutCopyTarget(source, target)
    await adapterOf(target, REGISTRY).set('left', text({ n: 2 }))
    expect((await copy()).records).to.equal(1)
    expect(await adapterOf(target, REGISTRY).has('left')).to.equal(false)
  })

  it('lets no gateway start on a copy that is not finished', async () => {
    await shutCopyTarget(source, target)
    await target.close()
    const config = join(folder, 'target.json')
    const options = { config, env: {}, keys: join(folder, 'keys'), log: silentLog }
    const error = await createGateway(options).catch((cause) => cause)
    expect(String(error)).to.contain('holds a copy that was not finished')
    target = await open('target')
    expect((await copy()).records).to.equal(0)
    await target.close()
    await (await createGateway(options)).stop()
  })

  it('notices a record that was written to the source meanwhile, and keeps the target shut', async () => {
    const registry = adapterOf(source, REGISTRY)
    await registry.set('a', text({ n: 1 }))
    await shutCopyTarget(source, target)
    const adapter: StoreAdapter = {
      ...registry,
      async scan(from, limit) {
        const page = await registry.scan(from, limit)
        await registry.set('b', text({ n: 2 }))
        return page
      },
    }
    const collections = source.collections.map((each) =>
      each.name === REGISTRY ? { ...each, adapter } : each,
    )
    const error = await copyStores({ ...source, collections }, target, () => {}).catch(
      (cause) => cause,
    )
    expect(String(error)).to.contain('differs').and.contain('2 records').and.contain('1 records')
    expect(await target.locks.get('main')?.look()).to.include({ state: 'unfinished' })
  })

  it('refuses a target that lacks a table, by its name', async () => {
    await source.close()
    source = await open('wider', { Extra: { store: 'main', indexed: [] } })
    const error = await copy().catch((cause) => cause)
    expect(isMisuse(error)).to.equal(true)
    expect(String(error)).to.contain('tables:Extra')
  })

  it('takes the proofs of the key ring along, so that a lost key is noticed at the target too', async () => {
    await source.checkKeys()
    await copy()
    await target.close()
    const place = join(folder, 'target.json')
    const checked = await checkSetUp({ config: place, env: {} })
    const options = { log: silentLog, credentials: { admin: 'whoever' } }
    target = await openServices(checked, { ...options, keys: memoryKeyRing() })
    const error = await target.checkKeys().catch((cause) => cause)
    expect(isMisuse(error)).to.equal(true)
  })
})
