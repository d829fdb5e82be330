import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sallyportCommand } from './contenders/contender.ts'
import { basic, RESOURCE_SERVER, SAMPLE_APP } from './contenders/credentials.ts'
import { plan } from './plan.ts'
import { tell } from './progress.ts'
import { spawnPinned, stop } from './server-process.ts'

/** Milliseconds, by round, unless it says otherwise. */
export interface Growth {
  readonly starts: readonly number[]
  readonly purgesLarge: readonly number[]
  readonly purgesSmall: readonly number[]
  /** Bytes of disk that a token takes. */
  readonly bytes: number
}

const LONGEST_START = 30_000

/** What a million tokens do to the time of a start and of a purge. */
export async function measureGrowth(folder: string): Promise<Growth> {
  const home = join(folder, 'large')
  await mkdir(home, { recursive: true })
  await timeOfStart(home, ISSUE)
  tell(`fill a store with ${plan.large} tokens, purge 1,000 of them and of ${plan.small}`)
  const [large, small] = await measureApart<{ times: number[]; bytes: number }[]>(
    'rows/large-store.ts',
    [
      String(plan.rounds),
      `${plan.large}:${join(home, 'data')}`,
      `${plan.small}:${join(folder, 'small')}`,
    ],
  )
  if (large === undefined || small === undefined) throw new Error('a store was not measured')
  const starts: number[] = []
  for (let round = 0; round < plan.rounds; round++) {
    tell(`round ${round + 1} of ${plan.rounds}: start`)
    starts.push(await timeOfStart(home, INTROSPECT))
  }
  const bytes = large.bytes / plan.large
  return { starts, purgesLarge: large.times, purgesSmall: small.times, bytes }
}

/** From `node …` to the first answer, by a gateway on that folder, which is stopped again. */
async function timeOfStart(home: string, [path, client, form]: Question): Promise<number> {
  const { args, env, address } = await sallyportCommand(home)
  const log = join(home, 'log')
  const start = performance.now()
  const child = spawnPinned(args, { log, env })
  try {
    while (performance.now() - start < LONGEST_START && child.exitCode === null) {
      const answer = await ask(address + path, client, form)
      if (answer === undefined) await wait(2)
      else if (accepts(answer)) return performance.now() - start
      else throw new Error(`a gateway just started answered ${answer}`)
    }
    throw new Error(`the gateway did not start:\n${readFileSync(log, 'utf8')}`)
  } finally {
    await stop(child)
  }
}

type Question = readonly [path: string, client: string, form: Readonly<Record<string, string>>]

const ISSUE: Question = ['/oauth/token', SAMPLE_APP, { grant_type: 'client_credentials' }]
const INTROSPECT: Question = ['/oauth/introspect', RESOURCE_SERVER, { token: 'token-0' }]

/** `undefined` while nobody listens. */
async function ask(
  url: string,
  client: string,
  form: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const headers = { authorization: basic(client) }
  const body = new URLSearchParams(form)
  const response = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined)
  return response?.text()
}

function accepts(answer: string): boolean {
  return answer.includes('"active":true') || answer.includes('"access_token"')
}

/** Microseconds that the interpreter adds per filter, by kind of filter and round. */
export function measureInterpreter(): Promise<Record<'synchronous' | 'asynchronous', number[]>> {
  tell('interpreter')
  return measureApart('rows/interpreter.ts', [String(plan.rounds)])
}

/** Runs a measurement in a process of its own, and answers what it tells. */
async function measureApart<Answer>(file: string, args: readonly string[]): Promise<Answer> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawnPinned(['--import', 'tsx', path, ...args], { log: '/dev/stderr', env: {} })
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended by ${code} before it had measured anything`)
  })
  died.catch(() => {})
  const [{ answer }] = await Promise.race([once(child, 'message'), died])
  child.disconnect()
  return answer
}
