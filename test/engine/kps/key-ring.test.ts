import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { memoryKeyRing, openKeyRing } from '../../../engine/kps/key-ring.ts'

describe('a key ring', () => {
  let parent: string
  let folder: string

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'sallyport-keys-'))
    folder = join(parent, 'keys')
  })
  afterEach(() => rm(parent, { recursive: true }))

  const failure = () =>
    openKeyRing(folder).then(
      () => 'opened',
      (error: Error) => error.message,
    )

  it('is made where there is none, readable by its owner only', async () => {
    await openKeyRing(folder)
    expect((await stat(folder)).mode & 0o777).to.equal(0o700)
    expect((await stat(join(folder, 'ring.json'))).mode & 0o777).to.equal(0o600)
    expect(await readdir(folder)).to.deep.equal(['ring.json'])
  })

  it('is the same after a restart', async () => {
    const before = await openKeyRing(folder)
    const after = await openKeyRing(folder)
    expect(after.current).to.equal(before.current)
    expect(after.hmac(after.current, 'p', 'x')).to.deep.equal(before.hmac(before.current, 'p', 'x'))
  })

  it('is the same for all who make it at once', async () => {
    const rings = await Promise.all(Array.from({ length: 20 }, () => openKeyRing(folder)))
    const digests = rings.map((ring) => ring.hmac(ring.current, 'p', 'x')?.toString('hex'))
    expect(new Set(digests)).to.have.property('size', 1)
    expect(await readdir(folder)).to.deep.equal(['ring.json'])
  })

  it('gives each purpose, key and text its own digest', () => {
    const ring = memoryKeyRing()
    const digest = (purpose: string, text: string) =>
      ring.hmac(ring.current, purpose, text)?.toString('hex')
    expect(digest('a', 'x')).to.equal(digest('a', 'x')).and.have.length(64)
    expect(digest('a', 'x')).not.to.equal(digest('b', 'x'))
    expect(digest('a', 'x')).not.to.equal(digest('a', 'y'))
    expect(digest('a', 'x')).not.to.equal(memoryKeyRing().hmac('k1', 'a', 'x')?.toString('hex'))
  })

  it('has no digest under a key that it does not hold', () => {
    expect(memoryKeyRing().hmac('k9', 'a', 'x')).to.equal(undefined)
    expect(memoryKeyRing().hmac('__proto__', 'a', 'x')).to.equal(undefined)
  })

  it('is refused, with the remedy, when others may read it', async () => {
    await openKeyRing(folder)
    const file = join(folder, 'ring.json')
    await chmod(file, 0o640)
    expect(await failure()).to.contain(`chmod 600 ${file}`)
  })

  const malformed = {
    'no JSON': '{',
    'no keys': '{"current":"k1"}',
    'a current key that is not there': '{"current":"k2","keys":{}}',
    'an inherited current key': '{"current":"toString","keys":{}}',
    'a short key': '{"current":"k1","keys":{"k1":"AAAA"}}',
    'a key that is no text': '{"current":"k1","keys":{"k1":1}}',
    null: 'null',
  }
  for (const [what, text] of Object.entries(malformed)) {
    it(`is refused with ${what}, and left as it was`, async () => {
      await openKeyRing(folder)
      const file = join(folder, 'ring.json')
      await writeFile(file, text)
      expect(await failure())
        .to.contain(file)
        .and.contain('is not a key ring')
      expect(await readFile(file, 'utf8')).to.equal(text)
    })
  }
})
