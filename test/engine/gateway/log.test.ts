import { execFile } from 'node:child_process'
import { openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { createLog } from '../../../engine/gateway/log.ts'
import { Secret } from '../../../engine/policy/secret.ts'

const run = promisify(execFile)

describe('the log', () => {
  let folder: string
  let file: string
  let fd: number

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-log-'))
    file = join(folder, 'log')
    fd = openSync(file, 'a')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const read = async () =>
    (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))

  it('writes lines of JSON with level, time and text', async () => {
    const log = createLog('info', fd)
    log.debug({}, 'not told')
    log.info({ a: 1 }, 'told')
    log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed')
    log.flush()
    const [told, failed, ...rest] = await read()
    expect(rest).to.deep.equal([])
    expect(told).to.include({ level: 'info', a: 1, msg: 'told' })
    expect(told.time).to.match(/^\d{4}-\d\d-\d\dT/)
    expect(failed.err.stack).to.contain('outer').and.contain('inner')
  })

  it('does not hold lines back for long', async () => {
    createLog('info', fd).info({}, 'alone')
    while ((await readFile(file, 'utf8')) === '') await new Promise((next) => setTimeout(next, 10))
    expect((await read())[0]).to.include({ msg: 'alone' })
  })

  it('masks secrets', async () => {
    const log = createLog('info', fd)
    log.info({ token: new Secret('s3cret') }, 'told')
    log.flush()
    expect(await read()).to.have.nested.property('[0].token', '[secret]')
  })

  const ends: Record<string, string> = {
    'when the process ends by itself': '',
    'when the process exits': 'process.exit(0)',
    'when the process dies of an error': 'throw new Error("died")',
  }
  for (const [when, end] of Object.entries(ends)) {
    it(`loses nothing ${when}`, async () => {
      const module = join(import.meta.dirname, '../../../engine/gateway/log.ts')
      const script = `import { createLog } from '${module}'
        const log = createLog()
        for (let i = 0; i < 1000; i++) log.info({ i }, 'line')
        ${end}`
      const { stdout } = await run(
        process.execPath,
        ['--import=tsx', '--input-type=module', '--eval', script],
        { maxBuffer: 10_000_000 },
      ).catch((error: { stdout: string }) => error)
      const lines = stdout.trim().split('\n')
      expect(lines).to.have.length(1000)
      expect(JSON.parse(lines.at(-1) ?? '')).to.include({ i: 999 })
    })
  }
})
