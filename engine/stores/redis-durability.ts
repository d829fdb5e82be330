import type { Redis } from './redis-client.ts'

/** What a server says about keeping what it has acknowledged. */
export interface Durability {
  /** The settings, as an operator would look them up. */
  readonly settings: string
  /** What can happen under them that must not. */
  readonly risks: readonly string[]
}

interface Demand {
  readonly setting: string
  readonly safe: string
  readonly risk: string
}

const demands: readonly Demand[] = [
  {
    setting: 'appendonly',
    safe: 'yes',
    risk: 'a restart of Redis goes back to its last snapshot: what was ended since then is valid again, and what is newer is lost',
  },
  {
    setting: 'appendfsync',
    safe: 'always',
    risk: 'a crash of its machine forgets the last writes that were acknowledged: what they ended is valid again',
  },
  {
    setting: 'maxmemory-policy',
    safe: 'noeviction',
    risk: 'Redis drops records when memory is short: what was kept to tell that something has been used or ended is forgotten',
  },
]

/** Reads it from the server, or from every primary node of a cluster. */
export async function readDurability(redis: Pick<Redis, 'sendToAll'>): Promise<Durability> {
  const found = await Promise.all(
    demands.map(async (demand) => ({
      ...demand,
      values: await readSetting(redis, demand.setting),
    })),
  )
  return {
    settings: found.map(({ setting, values }) => `${setting} ${[...new Set(values)]}`).join(', '),
    risks: found.flatMap(({ setting, safe, risk, values }) => {
      const bad = values.find((value) => value !== safe)
      return bad === undefined ? [] : [`${setting} is ${bad} and not "${safe}": ${risk}`]
    }),
  }
}

async function readSetting({ sendToAll }: Pick<Redis, 'sendToAll'>, setting: string) {
  try {
    const replies = await sendToAll(['CONFIG', 'GET', setting])
    return replies.map((reply) => String((reply as readonly string[])[1] ?? 'unknown'))
  } catch (error) {
    // Only what the server answers; a broken connection judges nothing.
    if (!(error instanceof Error) || !/^(ERR|NOPERM)/.test(error.message)) throw error
    return ['hidden (the server forbids CONFIG GET)']
  }
}

/** For the log of whoever accepts the risks, or need not care yet. */
export function warnOf({ risks }: Durability): string | undefined {
  return risks.length === 0
    ? undefined
    : `what Redis acknowledges may not last: ${risks.join('; ')}`
}

/** For whoever may not start like this. */
export function refusalOf({ risks }: Durability): string {
  return `Redis is not set up to keep what it acknowledges: ${risks.join('; ')}. Correct its settings (CONFIG SET, redis.conf), or accept this with "durability": "relaxed"`
}
