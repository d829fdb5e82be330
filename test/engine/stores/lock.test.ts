import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { readHolder, StoreHeld } from '../../../engine/stores/held.ts'
import { connect } from '../../../engine/stores/lmdb.ts'
import { takeLock } from '../../../engine/stores/lock.ts'
import { useFolder } from './folder.ts'
import { killOthers, startOther } from './other-process.ts'

const refusal = async (path: string): Promise<StoreHeld> => {
  try {
    await connect({ path })
  } catch (error) {
    if (error instanceof StoreHeld) return error
    throw error
  }
  throw new Error('the store was opened')
}

describe('the lock of an LMDB store', () => {
  const folder = useFolder()
  afterEach(killOthers)

  it('admits one holder in a process, and the next after it', () => {
    const lock = takeLock(folder())
    expect(() => takeLock(folder())).to.throw(StoreHeld, `process ${process.pid}`)
    lock.release()
    expect(readHolder(folder())).to.equal(undefined)
    takeLock(folder()).release()
  })

  it('tells who holds the store, since when and where to speak to it', () => {
    const lock = takeLock(folder())
    const holder = readHolder(folder())
    expect(holder?.pid).to.equal(process.pid)
    expect(Date.parse(holder?.since ?? '')).to.be.closeTo(Date.now(), 60_000)
    lock.announce('http://127.0.0.1:1234')
    expect(readHolder(folder())).to.deep.equal({ ...holder, management: 'http://127.0.0.1:1234' })
    lock.release()
  })

  it('refuses a second process by name, with the remedy', async () => {
    const path = join(folder(), 'first')
    const connection = await connect({ path })
    const other = startOther(path)
    await other.said(1)
    await other.kill()
    await connection.close()
    expect(other.lines[0]).to.match(/^StoreHeld /)
    for (const part of [path, `process ${process.pid}`, 'stop it', 'postgres or redis']) {
      expect(other.lines[0]).to.contain(part)
    }
  })

  it('is free again when its holder has been killed', async () => {
    const path = join(folder(), 'second')
    const other = startOther(path)
    await other.said(1)
    expect(other.lines).to.deep.equal(['open'])
    const { message, holder } = await refusal(path)
    expect(holder?.pid).to.equal(other.child.pid)
    expect(message).to.contain('http://127.0.0.1:8089')
    await other.kill()
    await (await connect({ path })).close()
  })

  it('is released once, however often its store is closed', async () => {
    const path = join(folder(), 'twice')
    const first = await connect({ path })
    await first.close()
    const second = await connect({ path })
    await first.close()
    first.announce?.('http://127.0.0.1:1')
    expect((await refusal(path)).holder).to.have.keys('pid', 'since')
    await second.close()
  })

  it('is released when the store cannot be opened', async () => {
    const path = join(folder(), 'foreign')
    await mkdir(path)
    await writeFile(join(path, 'data.mdb'), 'something else')
    for (let attempt = 0; attempt < 2; attempt++) {
      const error = await connect({ path }).catch((reason: unknown) => reason)
      expect(String(error)).to.contain('no LMDB file')
    }
    takeLock(path).release()
  })
})
