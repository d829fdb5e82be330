import { expect } from 'chai'
import { type OAuth, openOAuth } from './open-oauth.ts'

describe('A family of tokens', () => {
  let oauth: OAuth
  beforeEach(async () => {
    oauth = await openOAuth()
  })
  afterEach(() => oauth.close())

  const later = (seconds: number) => oauth.now() + seconds * 1000
  const create = () =>
    oauth.store.families.create({ id: 'f', client: 'app', current: 'r1', expires: later(100) })
  const rotate = (presented: string, next: string, grace = 0) =>
    oauth.store.families.rotate('f', { presented, next, grace: grace * 1000, expires: later(100) })
  const state = async () => (await oauth.store.families.find('f'))?.state

  it('is created once', async () => {
    expect(await create()).to.equal(true)
    expect(await create()).to.equal(false)
  })

  it('rotates from one refresh token to the next', async () => {
    await create()
    expect(await rotate('r1', 'r2')).to.equal('rotated')
    expect(await rotate('r2', 'r3')).to.equal('rotated')
    expect(await state()).to.equal('live')
  })

  it('dies when a displaced refresh token comes again, and stays dead', async () => {
    await create()
    await rotate('r1', 'r2')
    expect(await rotate('r1', 'r3')).to.equal('reuse')
    expect(await state()).to.equal('reused')
    expect(await rotate('r2', 'r4')).to.equal('dead')
    expect(await rotate('r1', 'r4')).to.equal('dead')
  })

  it('lets a displaced refresh token through until the end of its grace', async () => {
    await create()
    await rotate('r1', 'r2', 10)
    oauth.wait(9)
    expect(await rotate('r1', 'r3', 10)).to.equal('rotated')
    oauth.wait(1)
    expect(await rotate('r1', 'r4', 10)).to.equal('reuse')
  })

  it('displaces with grace the refresh token that a graced one took the place of', async () => {
    await create()
    await rotate('r1', 'r2', 10)
    await rotate('r1', 'r3', 10)
    expect(await rotate('r2', 'r4', 10)).to.equal('rotated')
    expect(await rotate('r3', 'r5', 10)).to.equal('rotated')
    oauth.wait(10)
    expect(await rotate('r4', 'r6', 10)).to.equal('reuse')
  })

  it('remembers eight displaced refresh tokens and no more', async () => {
    await create()
    for (let turn = 1; turn <= 9; turn += 1) await rotate(`r${turn}`, `r${turn + 1}`, 50)
    expect((await oauth.store.families.find('f'))?.graced).to.have.length(8)
    expect(await rotate('r2', 'r11', 50)).to.equal('rotated')
    expect(await rotate('r1', 'r12', 50)).to.equal('reuse')
  })

  it('lasts as long as the tokens that rotation brings', async () => {
    await create()
    oauth.wait(90)
    await rotate('r1', 'r2')
    oauth.wait(90)
    expect(await rotate('r2', 'r3')).to.equal('rotated')
    oauth.wait(100)
    expect(await rotate('r3', 'r4')).to.equal('dead')
  })

  it('can be ended, also before it begins', async () => {
    await oauth.store.families.end('f', 'app')
    expect(await create()).to.equal(false)
    expect(await state()).to.equal('revoked')
    expect(await rotate('r1', 'r2')).to.equal('dead')
  })

  it('stays marked as reused when it is ended once more', async () => {
    await create()
    await rotate('r1', 'r2')
    await rotate('r1', 'r3')
    await oauth.store.families.end('f', 'app')
    expect(await state()).to.equal('reused')
  })
})
