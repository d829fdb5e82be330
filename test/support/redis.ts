import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A Redis server of a test's own, on a port that stays the same when it is started again. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  start(): Promise<void>
  /** Ends it as an operator would. */
  stop(): Promise<void>
  /** Ends it without warning. */
  kill(): Promise<void>
  /** Lets it stand still: connections stay open, and nothing is answered. */
  freeze(): void
  thaw(): void
  /** Runs a command with `redis-cli`, and gives its output. */
  command(...words: readonly string[]): string
}

/** What a server is started with so that it loses nothing. */
export const DURABLE = {
  appendonly: 'yes',
  appendfsync: 'always',
  'maxmemory-policy': 'noeviction',
}

/** Where Redis is not installed, its tests are pending. */
const hasRedis = isInstalled()

const servers = new Set<{ dispose(): Promise<void> }>()

/** A server for the tests of a file, which are pending where Redis is not installed. */
export function useRedis(settings?: Readonly<Record<string, string>>): () => RedisServer {
  let server: RedisServer | undefined
  before(async function () {
    if (!hasRedis) this.skip()
    server = await startRedis(settings)
  })
  after(async () => {
    await Promise.all([...servers].map((each) => each.dispose()))
    servers.clear()
  })
  return () => {
    if (server === undefined) throw new Error('Redis is there when the tests run, not before')
    return server
  }
}

/** The address of a server that need not be killed: that of the environment, or one of our own. */
export function useRedisUrl(): () => string {
  const given = process.env.REDIS_URL
  if (given) return () => given
  const server = useRedis()
  return () => server().url
}

/** Starts one more server in a folder of its own, which ends with that of the file. */
export async function startRedis(
  settings: Readonly<Record<string, string>> = DURABLE,
): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-redis-'))
  const port = await freePort()
  let child: ChildProcess | undefined

  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    async start() {
      if (child) return
      const given = { port: String(port), dir: folder, save: '', bind: '127.0.0.1', ...settings }
      const words = Object.entries(given).flatMap(([name, value]) => [`--${name}`, value])
      child = spawn('redis-server', words, { stdio: 'ignore' })
      await answering(server)
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    command: (...words) =>
      execFileSync('redis-cli', ['-p', String(port), ...words], {
        encoding: 'utf8',
        timeout: 10_000,
        stdio: ['ignore', 'pipe', 'pipe'],
      }).trim(),
  }
  servers.add({
    async dispose() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  })
  await server.start()
  return server

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const last = child
    child = undefined
    if (!last || last.exitCode !== null || last.signalCode !== null) return
    const exit = once(last, 'exit')
    last.kill(signal)
    if (signal === 'SIGTERM') last.kill('SIGCONT')
    await exit
  }
}

async function answering(server: RedisServer): Promise<void> {
  const end = Date.now() + 10_000
  for (;;) {
    try {
      if (server.command('ping') === 'PONG') return
    } catch (error) {
      if (Date.now() > end) throw error
    }
    await sleep(20)
  }
}

/** The nodes of a cluster speak to each other at a port that is 10,000 above. */
const HIGHEST_PORT = 55_535

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  const port = typeof address === 'object' && address ? address.port : 0
  return port > HIGHEST_PORT ? freePort() : port
}

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
