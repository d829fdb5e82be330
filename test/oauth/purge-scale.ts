/**
 * By hand, for it takes minutes: what a purge costs among many tokens, and what look-ups notice of it.
 *
 *     SALLYPORT_PURGE_TOKENS=1000000 npx mocha test/oauth/purge-scale.ts -g postgres
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { statementsFor } from '../../engine/stores/postgres-statements.ts'
import { purgeAll } from '../../engine/stores/purge.ts'
import { keysOf } from '../../engine/stores/redis-keys.ts'
import type { Client } from '../../oauth/records.ts'
import { usePostgres } from '../support/postgres.ts'
import { adapters, type OAuth, openOAuth } from './open-oauth.ts'

const LARGE = Number(process.env.SALLYPORT_PURGE_TOKENS ?? 100_000)
const SMALL = 10_000
const ROUNDS = Number(process.env.SALLYPORT_PURGE_ROUNDS ?? 9)
const BATCH = 1000
/** What expires in a minute where a million tokens live an hour. */
const DUE = 17_000
const WRITERS = 200
const READERS = 32

const COPY = `
local places, keys, ends, base, record = unpack(KEYS)
local from, count, times = unpack(ARGV)
local found = redis.call('ZRANGE', keys .. '-of-the-first', from, from + count - 1)
if #found == 0 then
  redis.call('ZUNIONSTORE', keys .. '-of-the-first', 1, keys)
  found = redis.call('ZRANGE', keys .. '-of-the-first', from, from + count - 1)
end
for _, key in ipairs(found) do
  local known, stored = redis.call('HGET', places, key), redis.call('GET', record .. key)
  local number, last, place = string.match(known, '^(%S+) (%S+) (%S+)$')
  for n = 2, times do
    local copy = key .. n
    redis.call('SET', record .. copy, stored)
    redis.call('HSET', places, copy, known)
    redis.call('ZADD', keys, 0, copy)
    redis.call('ZADD', ends, last, copy)
    redis.call('ZADD', base .. place, number, copy)
  end
end
return #found
`

interface Filled {
  readonly oauth: OAuth
  readonly client: Client
  readonly texts: readonly string[]
}

for (const [adapter, use] of Object.entries(adapters)) {
  describe(`A purge on ${adapter}`, function () {
    this.timeout(0)
    const place = use()
    const postgres = adapter === 'postgres' ? usePostgres() : undefined
    let settings: Readonly<Record<string, unknown>> = {}
    const remember: typeof place = async () => {
      const made = await place()
      settings = made.settings
      return made
    }
    let large: Filled
    let small: Filled
    before(async () => {
      small = await fill(await openOAuth({ place }))
      large = await fill(await openOAuth({ place: remember }))
      const start = performance.now()
      await multiply(settings, large, LARGE / SMALL)
      say(`${LARGE} tokens in ${((performance.now() - start) / 1000).toFixed(0)} s`)
    })
    after(async () => {
      await small?.oauth.close()
      await large?.oauth.close()
    })

    /** Copies what is there under other keys, where that can be done by the server itself. */
    async function multiply(
      { url, schema, prefix }: Readonly<Record<string, unknown>>,
      filled: Filled,
      times: number,
    ): Promise<void> {
      if (adapter === 'postgres') {
        const { table } = statementsFor(String(schema), 'tokens')
        await postgres?.().ask(
          `INSERT INTO ${table} (key, value, expires) SELECT key || n, value, expires FROM ${table}, generate_series(2, ${times}) AS n`,
          String(url),
        )
        await postgres?.().ask(`VACUUM ANALYZE ${table}`, String(url))
        await postgres?.().ask('CHECKPOINT', String(url))
      } else if (adapter === 'redis') {
        const keys = keysOf(String(prefix), 'tokens')
        const lists = [keys.places, keys.keys, keys.ends, keys.place(''), keys.record('')]
        const { port } = new URL(String(url))
        let from = 0
        while (from < SMALL) {
          const words = [String(from), '100', String(times)]
          const command = ['-p', port, 'EVAL', COPY, '5', ...lists, ...words]
          execFileSync('redis-cli', command)
          from += 100
          await new Promise((done) => setImmediate(done))
        }
        // It would be measured with the purge.
        const info = () =>
          execFileSync('redis-cli', ['-p', port, 'INFO', 'persistence'], { encoding: 'utf8' })
        while (info().includes('_in_progress:1')) await sleep(500)
      } else await issue(filled, LARGE - SMALL, 86_400)
    }

    it('costs as much among many as among few', async () => {
      const costs = { large: [] as Cost[], small: [] as Cost[] }
      for (let round = 0; round < ROUNDS; round++) {
        for (const [size, filled] of [
          ['large', large],
          ['small', small],
        ] as const) {
          await expire(filled, BATCH)
          const { tokens } = filled.oauth.records
          let removed = 0
          const purge = async () => {
            removed = await tokens.purgeExpired(BATCH)
          }
          costs[size].push(await measure(purge))
          expect(removed).to.equal(BATCH)
        }
      }
      for (const of of ['wall', 'cpu'] as const) {
        const [many, few] = [
          median(costs.large.map((c) => c[of])),
          median(costs.small.map((c) => c[of])),
        ]
        const all = `all ${costs.large.map((c) => c[of].toFixed(0)).join(' ')} against ${costs.small.map((c) => c[of].toFixed(0)).join(' ')}`
        say(
          `${of} ms, ${BATCH} among ${LARGE} / ${SMALL}: ${many.toFixed(1)} / ${few.toFixed(1)} = ${(many / few).toFixed(2)}; ${all}`,
        )
      }
    })

    it('is hardly noticed by look-ups', async () => {
      const ratios: number[] = []
      for (let round = 0; round < Math.ceil(ROUNDS / 2); round++) {
        await expire(large, DUE)
        const start = performance.now()
        let removed = 0
        const during = await lookUpWhile(large, async () => {
          removed = await purgeAll(large.oauth.records.tokens)
        })
        expect(removed).to.equal(DUE)
        const took = performance.now() - start
        const without = await lookUpWhile(
          large,
          () => new Promise((done) => setTimeout(done, took)),
        )
        ratios.push(percentile(during, 0.99) / percentile(without, 0.99))
        say(
          `${DUE} in ${took.toFixed(0)} ms; ${describeTimes(during)} while purging, ${describeTimes(without)} without`,
        )
      }
      say(
        `p99 of look-ups while purging / without: ${median(ratios).toFixed(2)} (${ratios.map((r) => r.toFixed(2)).join(' ')})`,
      )
    })

    it('takes the dead of what has ended, and look-ups hardly notice', async () => {
      const { oauth } = large
      const client = await oauth.register({ clientId: 'doomed' })
      await issue({ oauth, client, texts: [] }, SMALL, 86_400)
      const start = performance.now()
      await oauth.registry.remove('doomed')
      const ended = performance.now() - start
      oauth.wait(60)
      let removed = 0
      const during = await lookUpWhile(large, async () => {
        removed = await purgeAll({ purgeExpired: oauth.sweeper.sweep })
      })
      expect(removed).to.equal(SMALL)
      const took = performance.now() - start - ended
      const without = await lookUpWhile(large, () => sleep(took))
      say(
        `ended ${SMALL} in ${ended.toFixed(1)} ms, swept in ${took.toFixed(0)} ms; ${describeTimes(during)} meanwhile, ${describeTimes(without)} without`,
      )
    })
  })
}

async function fill(oauth: OAuth): Promise<Filled> {
  const client = await oauth.register({ clientId: 'app' })
  const texts = await issue({ oauth, client, texts: [] }, SMALL, 86_400)
  return { oauth, client, texts }
}

async function issue(
  { oauth, client }: Filled,
  count: number,
  lifetime: number,
): Promise<string[]> {
  const texts: string[] = []
  let left = count
  async function writeSome() {
    while (left-- > 0) {
      const request = { kind: 'access', client, scopes: ['read'], lifetime } as const
      texts.push((await oauth.store.issue(request)).token.reveal())
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writeSome))
  return texts
}

async function expire(filled: Filled, count: number): Promise<void> {
  await issue(filled, count, 1)
  filled.oauth.wait(2)
}

interface Cost {
  readonly wall: number
  readonly cpu: number
}

async function measure(work: () => Promise<unknown>): Promise<Cost> {
  const [start, cpu] = [performance.now(), cpuTime()]
  await work()
  return { wall: performance.now() - start, cpu: cpuTime() - cpu }
}

/** Milliseconds, of this process and of the servers that it started; of these in steps of 10. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  const processes = readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? readStat(pid) : []))
  const family = new Set([process.pid])
  let servers = 0
  for (const { pid, parent, ticks } of processes.sort((a, b) => a.pid - b.pid)) {
    if (!family.has(parent)) continue
    family.add(pid)
    servers += ticks * 10
  }
  return (user + system) / 1000 + servers
}

function readStat(pid: string): { pid: number; parent: number; ticks: number }[] {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return [{ pid: Number(pid), parent: Number(fields[1]), ticks }]
  } catch {
    return []
  }
}

/** Milliseconds that each look-up took. */
async function lookUpWhile(
  { oauth, texts }: Filled,
  work: () => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = []
  let isOver = false
  async function lookUpSome() {
    while (!isOver) {
      const text = texts[Math.floor(Math.random() * texts.length)] ?? ''
      const start = performance.now()
      const { alive } = await oauth.store.lookUp(text)
      times.push(performance.now() - start)
      if (!alive) throw new Error('a living token was purged')
      // As requests do, which come in from outside.
      await new Promise((done) => setImmediate(done))
    }
  }
  const readers = Array.from({ length: READERS }, lookUpSome)
  await work()
  isOver = true
  await Promise.all(readers)
  return times
}

function describeTimes(times: readonly number[]): string {
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
  return `p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} max ${Math.max(...times.slice(0, 100_000)).toFixed(1)} ms of ${times.length}`
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

function say(line: string): void {
  process.stdout.write(`      ${line}\n`)
}
