import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
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
  let child: ChildProcessWithoutNullStreams | undefined

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-log-'))
    file = join(folder, 'log')
    fd = openSync(file, 'a')
  })
  afterEach(async () => {
    child?.kill('SIGKILL')
    child = undefined
    await rm(folder, { recursive: true })
  })

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

  it('says which of several processes writes, each line whole though others write between', async () => {
    const write = (worker: number) => createLog('info', fd, worker)
    const logs = [write(1), write(2)]
    // Some lines are longer than what a pipe takes as one, some are not ASCII.
    for (let n = 0; n < 400; n++) logs[n % 2]?.info({ n, text: 'ä€'.repeat(n * 5) }, 'told')
    for (const log of logs) log.flush()
    const lines = await read()
    expect(lines.map(({ n }) => n).sort((a, b) => a - b)).to.deep.equal([...Array(400).keys()])
    expect(lines.every(({ n, worker }) => worker === 1 + (n % 2))).to.equal(true)
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

  const module = join(import.meta.dirname, '../../../engine/gateway/log.ts')
  const script = (code: string) => [
    '--import=tsx',
    '--input-type=module',
    '--eval',
    `import { createLog } from '${module}'; const log = createLog(); ${code}`,
  ]
  const writeLines = 'for (let i = 0; i < 50_000; i++) log.info({ i }, "line");'

  it('stops nobody where its reader has stopped reading', async () => {
    child = spawn(process.execPath, script(`${writeLines} log.flush(); process.exit(0)`))
    const [code] = await once(child, 'exit')
    expect(code).to.equal(0)
    child.stdout.destroy()
  })

  it('counts what it drops for want of a reader', async () => {
    child = spawn(
      process.execPath,
      script(`${writeLines} console.error("written"); process.stdin.resume()`),
    )
    await once(child.stderr, 'data')
    let text = ''
    const dropped = () => /"dropped":(\d+)/.exec(text)?.[1]
    for await (const chunk of child.stdout) {
      text += chunk
      if (dropped() !== undefined) child.stdin.end()
    }
    const lines = text.trim().split('\n')
    for (const line of lines) JSON.parse(line)
    expect(lines.length - 1 + Number(dropped())).to.equal(50_000)
  })

  const ends: Record<string, string> = {
    'when the process ends by itself': '',
    'when the process exits': 'process.exit(0)',
    'when the process dies of an error': 'throw new Error("died")',
  }
  for (const [when, end] of Object.entries(ends)) {
    it(`loses nothing ${when}`, async () => {
      const { stdout } = await run(
        process.execPath,
        script(`for (let i = 0; i < 1000; i++) log.info({ i }, 'line'); ${end}`),
        { maxBuffer: 10_000_000 },
      ).catch((error: { stdout: string }) => error)
      const lines = stdout.trim().split('\n')
      expect(lines).to.have.length(1000)
      expect(JSON.parse(lines.at(-1) ?? '')).to.include({ i: 999 })
    })
  }
})
