import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('./store-process.ts', import.meta.url))

export interface OtherProcess {
  readonly child: ChildProcess
  /** What it has said so far. */
  readonly lines: readonly string[]
  /** Resolves when it has said so many lines. */
  said(count: number): Promise<void>
  /** Kills it without warning, and gives all that it said. */
  kill(): Promise<readonly string[]>
}

const running = new Set<ChildProcess>()

/** For `afterEach`: a test that fails must leave no process behind. */
export function killOthers(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Starts `store-process.ts`. */
export function startOther(...parameters: readonly string[]): OtherProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  const ended = once(reader, 'close')
  reader.on('line', (line) => lines.push(line))
  return {
    child,
    lines,
    async said(count) {
      while (lines.length < count) await Promise.race([once(reader, 'line'), failAt(ended)])
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
      return lines
    },
  }
}

async function failAt(ended: Promise<unknown>): Promise<never> {
  await ended
  throw new Error('the other process has ended')
}
