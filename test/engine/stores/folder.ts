import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of their own for the tests of this file, removed behind them. */
export function useFolder(): () => string {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-stores-'))
  })
  after(() => rm(folder, { recursive: true }))
  return () => folder
}
