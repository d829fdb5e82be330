import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { checkKeyRing } from '../../../engine/kps/check-record.ts'
import { openKeyRing } from '../../../engine/kps/key-ring.ts'
import type { Connection } from '../../../engine/stores/contract.ts'
import { openConnection } from '../../../engine/stores/open.ts'
import { openStore } from '../../../engine/stores/store.ts'

describe('the check record of a store', () => {
  let parent: string
  let connection: Connection

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'sallyport-check-'))
    connection = await openConnection('main', { adapter: 'memory' })
  })
  afterEach(async () => {
    await connection.close()
    await rm(parent, { recursive: true })
  })

  /** Opens the store with the ring of that folder, and says what came of it. */
  const check = async (folder: string) => {
    const ring = await openKeyRing(join(parent, folder))
    return checkKeyRing('main', connection, ring).then(
      () => 'passes',
      (error: Error) => error.message,
    )
  }
  /** Makes `to` a copy of the ring in `from`, with its keys under other names, or more of them. */
  const deriveRing = async (
    from: string,
    to: string,
    change: (ring: { current: string; keys: Record<string, string> }) => object,
  ) => {
    await openKeyRing(join(parent, from))
    await cp(join(parent, from), join(parent, to), { recursive: true })
    const file = join(parent, to, 'ring.json')
    await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))))
  }
  const rotated = (ring: { keys: Record<string, string> }) => ({
    current: 'k2',
    keys: { ...ring.keys, k2: Buffer.alloc(32, 2).toString('base64') },
  })

  it('takes the first ring that comes, and the same one ever after', async () => {
    expect([await check('a'), await check('a')]).to.deep.equal(['passes', 'passes'])
  })

  it('refuses another ring, and names store, folder and remedy', async () => {
    await check('a')
    expect(await check('b')).to.equal(
      `the store "main" was made with another key ring than the one in ${join(parent, 'b')}, whose key "k1" differs: put the right ring.json there, or set SALLYPORT_KEYS to the folder that holds it; without it no secret in the store can be checked. If it is lost for good, choose an empty store`,
    )
    expect(await check('a')).to.equal('passes')
  })

  it('lets a ring rotate, and from then on asks for the new key too', async () => {
    await check('a')
    await deriveRing('a', 'rotated', rotated)
    expect(await check('rotated')).to.equal('passes')
    expect(await check('rotated')).to.equal('passes')
    expect(await check('a')).to.match(/which has no key "k2"/)
  })

  it('misses a key that the ring has lost, and takes no key of the wrong ring for it', async () => {
    await check('a')
    await deriveRing('b', 'other', (ring) => ({ current: 'k9', keys: { k9: ring.keys.k1 } }))
    expect(await check('other')).to.match(/which has no key "k1"/)
    expect(await check('a')).to.equal('passes')
  })

  it('lets the first of several rings win that come at once', async () => {
    const all = await Promise.all(['a', 'b', 'c', 'd'].map(check))
    expect(all.filter((outcome) => outcome === 'passes')).to.have.length(1)
  })

  it('holds nothing that tells a key', async () => {
    await check('a')
    const store = openStore(connection.collection('key-ring', { indexes: [] }), { name: 'dump' })
    const { keys } = JSON.parse(await readFile(join(parent, 'a', 'ring.json'), 'utf8'))
    const dump = JSON.stringify(await store.scan(undefined, 10))
    expect(dump).to.include('k1').and.not.include(keys.k1)
  })
})
