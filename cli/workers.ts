import cluster, { type Worker } from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GatewayConfig } from '../engine/gateway/config.ts'
import { createLog, type GatewayLog } from '../engine/gateway/log.ts'
import { loadAdapter } from '../engine/stores/open.ts'

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 10_000
/** Milliseconds of life after which a death is a new trouble, and not the old one. */
const LONG_LIFE = 30_000

/** Name and address of a listener. */
export interface ListenerAddress {
  readonly name: string
  readonly origin: string
}

/** Serves if this process is a worker, and says whether it is one. */
export async function workAs(
  serve: (number: number) => Promise<readonly ListenerAddress[]>,
): Promise<boolean> {
  const { worker } = cluster
  if (worker === undefined) return false
  try {
    const listeners = await serve(worker.id)
    worker.send({ serves: listeners.map(({ name, origin }) => ({ name, origin })) })
    return true
  } catch (error) {
    // The way to the one who looks after it would keep it alive.
    process.channel?.unref()
    throw error
  }
}

/** @throws Error naming the store that only one process may hold, and the remedy */
export async function requireSharedStores({ stores, file }: GatewayConfig): Promise<void> {
  for (const [name, { adapter }] of Object.entries(stores)) {
    const { processes } = await loadAdapter(adapter)
    if (processes === 'many') continue
    throw new Error(
      `the store "${name}" of ${file} is ${adapter}, which one process holds, so it cannot have several workers; start without --workers, or use a server store (postgres, redis)`,
    )
  }
}

/**
 * Serves with several processes, which share the ports, until a signal ends it. One that dies is
 * replaced. The first starts alone, so that what keeps a gateway from starting is told once.
 *
 * @param show is told the addresses, again only if they have changed
 * @returns the code to exit with
 */
export async function superviseWorkers(
  count: number,
  { log: { level } }: GatewayConfig,
  show: (listeners: readonly ListenerAddress[]) => void,
): Promise<number> {
  const log = createLog(level, 1, 0)
  const end = endOnSignal(log)
  let shown = ''
  cluster.on('message', (worker, message: { readonly serves?: readonly ListenerAddress[] }) => {
    if (message.serves === undefined) return
    log.info({ serves: worker.id, pid: worker.process.pid }, 'a worker serves')
    const addresses = JSON.stringify(message.serves)
    if (addresses === shown) return
    shown = addresses
    show(message.serves)
  })

  const first = fork()
  const code = await Promise.race([served(first), ended(first)])
  if (code !== undefined) return end.aborted ? 0 : code
  log.info({ workers: count, pid: process.pid }, 'several processes serve')
  const others = Array.from({ length: count - 1 }, () => keepOne(undefined, end, log))
  const codes = await Promise.all([keepOne(first, end, log), ...others])
  return codes.every((one) => one === 0) ? 0 : 1
}

/** Has one worker run until the end; answers the code with which the last has exited. */
async function keepOne(
  given: Worker | undefined,
  end: AbortSignal,
  log: GatewayLog,
): Promise<number> {
  let pause = FIRST_PAUSE
  let worker = given
  for (;;) {
    worker ??= fork()
    const start = performance.now()
    const { id, process: child } = worker
    const code = await ended(worker)
    if (end.aborted) return code
    if (performance.now() - start > LONG_LIFE) pause = FIRST_PAUSE
    const { pid, signalCode: signal } = child
    log.error({ died: id, pid, code, signal, pause }, 'a worker has died; another takes its place')
    await sleep(pause, undefined, { signal: end }).catch(() => {})
    if (end.aborted) return 0
    pause = Math.min(pause * 2, LONGEST_PAUSE)
    worker = undefined
  }
}

function served(worker: Worker): Promise<undefined> {
  return new Promise((resolve) => worker.once('message', () => resolve(undefined)))
}

/** Its exit code; to be ended before it began to serve is no failure. */
async function ended({ process: child }: Worker): Promise<number> {
  const isRunning = child.pid && child.exitCode === null && child.signalCode === null
  if (isRunning) await new Promise((resolve) => child.once('exit', resolve))
  return child.exitCode ?? (child.signalCode === 'SIGTERM' ? 0 : 1)
}

function fork(): Worker {
  const worker = cluster.fork()
  // One that cannot be made, or be told something, is dead or about to be.
  worker.on('error', () => {})
  return worker
}

/** The first signal drains all workers, the second ends them at once. */
function endOnSignal(log: GatewayLog): AbortSignal {
  const end = new AbortController()
  const kill = (how: NodeJS.Signals) => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(how)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (end.signal.aborted) return kill('SIGKILL')
      log.info({}, 'stopping: the workers finish their requests first')
      end.abort()
      kill('SIGTERM')
    })
  }
  return end.signal
}
