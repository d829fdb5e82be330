import { setTimeout as sleep } from 'node:timers/promises'
import { type Address, createRedis, type Redis } from './redis-client.ts'
import type { Script } from './redis-scripts.ts'

const FIRST_PAUSE = 50
const LONGEST_PAUSE = 1000

/** The way to Redis. Commands are answered or fail; a connection that failed is replaced for ever. */
export interface Line {
  get(key: string): Promise<string | undefined>
  send(key: string, words: readonly string[]): Promise<unknown>
  /** Has the server run a script; all keys are in one slot. */
  run(script: Script, keys: readonly string[], words: readonly string[]): Promise<unknown>
  /** To the server, or to every primary node of a cluster. */
  sendToAll(words: readonly string[]): Promise<readonly unknown[]>
  /** What time the server will have so many milliseconds from now. */
  serverTime(ahead: number): number
  /** Takes a new connection, for the reason given, and gives it back. */
  renew(reason: Error): Error
  /** Counts connections: behind a new one may be another server. */
  generation(): number
  /** Why the server, which can be reached, would not do the last that it was asked. */
  trouble(): string | undefined
  close(): Promise<void>
}

/** Judges a new connection before anybody uses it. What it throws keeps the connection out. */
export type Admit = (redis: Redis) => Promise<void>

/**
 * Opens the way to Redis, and tries to connect once before it resolves.
 *
 * @throws what `admit` throws at the first attempt; that the server is not there is no reason
 */
export async function openLine(address: Address, admit: Admit): Promise<Line> {
  const closing = new AbortController()
  const { signal } = closing
  const pending = new Set<{ readonly since: number }>()
  let current: Redis | undefined
  let problem = 'it has not been reached yet'
  let replacing: Promise<void> | undefined
  let closed = false
  let offset = 0
  let generation = 0
  let trouble: string | undefined

  const watch = setInterval(endSilence, Math.ceil(address.deadline / 4)).unref()
  const refused = await attempt()
  if (refused) {
    clearInterval(watch)
    throw refused.error
  }
  if (!current) replace()

  return {
    get: (key) => ask((redis) => redis.get(key)),
    send: (key, words) => ask((redis) => redis.send(key, words)),
    sendToAll: (words) => ask((redis) => redis.sendToAll(words)),
    run,
    serverTime: (ahead) => performance.now() + offset + ahead,
    generation: () => generation,
    trouble: () => trouble,
    renew(reason) {
      lose(current, reason)
      return reason
    },
    close,
  }

  async function ask<T>(call: (redis: Redis) => Promise<T>): Promise<T> {
    if (!current) throw new Error(closed ? 'the store has been closed' : problem)
    const question = { since: performance.now() }
    pending.add(question)
    try {
      return await call(current)
    } catch (error) {
      // It has become a replica, and must not be read from either.
      if (/^(READONLY|MASTERDOWN) /.test(messageOf(error))) lose(current, error)
      throw error
    } finally {
      pending.delete(question)
    }
  }

  /** Scripts are known to the server until it restarts. */
  async function run(script: Script, keys: readonly string[], words: readonly string[]) {
    const [first = ''] = keys
    const rest = [String(keys.length), ...keys, ...words]
    try {
      const answer = await ask((redis) => redis.send(first, ['EVALSHA', script.hash, ...rest]))
      trouble = undefined
      return answer
    } catch (error) {
      if (messageOf(error).startsWith('NOSCRIPT')) {
        return ask((redis) => redis.send(first, ['EVAL', script.source, ...rest]))
      }
      if (/^[A-Z]+ /.test(messageOf(error))) trouble = messageOf(error)
      throw error
    }
  }

  /** Connects; answers why it may not, and nothing if it could or could not. */
  async function attempt(): Promise<{ readonly error: unknown } | undefined> {
    const redis = createRedis(address, (error) => lose(redis, error))
    try {
      await redis.connect()
      offset = await measureOffset(redis)
    } catch (error) {
      redis.destroy()
      problem = `it cannot be reached: ${messageOf(error)}`
      return undefined
    }
    try {
      await admit(redis)
    } catch (error) {
      redis.destroy()
      problem = messageOf(error)
      return { error }
    }
    if (closed || !redis.isUsable()) {
      redis.destroy()
      return undefined
    }
    const old = current
    current = redis
    generation++
    old?.destroy()
    return undefined
  }

  function lose(redis: Redis | undefined, error: unknown): void {
    if (redis !== current || closed) return
    problem = `it cannot be reached: ${messageOf(error)}`
    // Of a cluster, the nodes that are left go on until there is a new map of it.
    if (address.cluster === undefined || !redis?.isUsable()) {
      current = undefined
      redis?.destroy()
    }
    replace()
  }

  function replace(): void {
    if (replacing) return
    const old = current
    const tryOn = async () => {
      for (let pause = FIRST_PAUSE; !closed; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
        await sleep(pause, undefined, { ref: false, signal }).catch(() => {})
        if (!closed) await attempt()
        if (current !== undefined && current !== old) return
      }
    }
    replacing = tryOn().finally(() => {
      replacing = undefined
    })
  }

  /** The first has waited longest. What has been asked for too long fails together. */
  function endSilence(): void {
    const [oldest] = pending
    if (!oldest || performance.now() - oldest.since < address.deadline) return
    pending.clear()
    if (current) lose(current, new Error(`nothing came within ${address.deadline} ms`))
  }

  /** What has begun goes on to its end, which may take several commands. */
  async function close(): Promise<void> {
    const end = performance.now() + address.deadline
    while (pending.size > 0 && performance.now() < end) await sleep(1)
    closed = true
    // Nothing else may keep the process alive until the next attempt.
    closing.abort()
    clearInterval(watch)
    const last = current
    current = undefined
    await Promise.race([last?.close(), sleep(address.deadline, undefined, { ref: false })])
    last?.destroy()
    await replacing
  }
}

/** By how many milliseconds the clock of the server is ahead of ours; of several, the latest. */
async function measureOffset(redis: Redis): Promise<number> {
  const start = performance.now()
  const times = await redis.sendToAll(['TIME'])
  const here = (start + performance.now()) / 2
  return Math.max(
    ...times.map((time) => {
      const [seconds, microseconds] = time as readonly string[]
      return Number(seconds) * 1000 + Number(microseconds) / 1000 - here
    }),
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
