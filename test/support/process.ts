import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { keepOutput } from './evidence.ts'

const running = new Set<ChildProcess>()

/** For `afterEach`: a test that fails leaves no process behind, whose open pipes would hold up everything. */
export async function endAll(): Promise<void> {
  const children = [...running]
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(children.map((child) => once(child, 'exit')))
}

const ENTRY = join(import.meta.dirname, '../../cli/index.ts')

/** A gateway in a process of its own, started as `sallyport start` does. */
export interface GatewayProcess {
  readonly traffic: string
  readonly management: string
  readonly child: ChildProcess
  /** What it has written to standard output and error. */
  output(): string
  /** Ends it by the signal; answers its exit code, or the signal that killed it. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string>
}

/** Runs `sallyport …` in a folder, with data and keys below it, on ports that are free. */
export function spawnSallyport(
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', ENTRY, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      SALLYPORT_DATA: join(folder, 'data'),
      SALLYPORT_KEYS: join(folder, 'keys'),
      SALLYPORT_TRAFFIC_PORT: '0',
      SALLYPORT_MANAGEMENT_PORT: '0',
      ...env,
    },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Runs `sallyport …` to its end. */
export async function runSallyport(
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawnSallyport(folder, words, env)
  const read = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => {
    read.stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    read.stderr += chunk
  })
  const [code] = await once(child, 'close')
  keepOutput(`the errors of sallyport ${words[0]}`, read.stderr)
  // A secret that was made just now is told to the administrator once.
  if (words[0] === 'trace') keepOutput('a trace', read.stdout)
  return { code, ...read }
}

export async function startProcess(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<GatewayProcess> {
  const child = spawnSallyport(folder, ['start', ...options], env)
  let output = ''
  const ended = once(child, 'exit')
  const addresses = new Promise<RegExpExecArray>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk
      const found = /traffic: (\S+)\nmanagement: (\S+)\n/.exec(output)
      if (found) resolve(found)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    ended.then(() => reject(new Error(`the gateway ended before it was ready:\n${output}`)))
  })
  const [, traffic = '', management = ''] = await addresses
  return {
    traffic,
    management,
    child,
    output: () => output,
    async end(signal) {
      child.kill(signal)
      const [code, killedBy] = await ended
      keepOutput('the output of a gateway process', output)
      return code ?? killedBy
    },
  }
}
