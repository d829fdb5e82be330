import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { isPinned, root } from './plan.ts'

/** A server in a process of its own, alone on core 0. */
export interface ServerProcess {
  readonly child: ChildProcess
  /** Microseconds of processor time so far, of all its threads. */
  cpu(): Promise<number>
  /** Bytes that live in its heap and beside it, after a garbage collection. */
  memory(): Promise<number>
  /** Rejects when the process ends, with the end of its log. */
  readonly died: Promise<never>
  stop(): Promise<void>
}

const LONGEST_STOP = 10_000
const PROBE = ['--expose-gc', '--import', new URL('probe.js', import.meta.url).href]

/** Starts `node` with these arguments; what it prints goes to the log file, as an operator would have it. */
export function startServer(
  args: readonly string[],
  { log, env = {} }: { log: string; env?: Readonly<Record<string, string>> },
): ServerProcess {
  const child = spawnPinned([...PROBE, ...args], { log, env })
  const died = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${args.at(-1)} ended by ${code ?? signal}:\n${readFileSync(log, 'utf8')}`)
  })
  died.catch(() => {})

  async function ask<Answer>(question: string): Promise<Answer> {
    const answered = once(child, 'message')
    child.send(question)
    const [{ answer }] = await Promise.race([answered, died])
    return answer
  }

  return {
    child,
    died,
    async cpu() {
      const { user, system } = await ask<NodeJS.CpuUsage>('cpu')
      return user + system
    },
    memory: () => ask<number>('memory'),
    stop: () => stop(child),
  }
}

export function spawnPinned(
  args: readonly string[],
  { log, env }: { log: string; env: Readonly<Record<string, string>> },
): ChildProcess {
  const line = [...(isPinned ? ['taskset', '-c', '0'] : []), process.execPath, ...args]
  const output = openSync(log, 'a')
  const child = spawn(line[0] ?? '', line.slice(1), {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output, 'ipc'],
  })
  closeSync(output)
  return child
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_STOP)
  await exit
  clearTimeout(timer)
}
