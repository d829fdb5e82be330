import { setTimeout as rest } from 'node:timers/promises'
import { KEEP, REMOVE } from '../engine/stores/contract.ts'
import type { Row, Store } from '../engine/stores/store.ts'
import type { Ending, SweepJob, SweepRecord } from './endings.ts'
import type { Authorization, Client, Token } from './records.ts'
import { sweepLease } from './sweep-lease.ts'

/** Longer than any request takes that may still write a token under what ended meanwhile. */
const SETTLES_AFTER = 60_000
/** What has not ended by then is not going to: whoever announced it is no more. */
const FORGOTTEN_AFTER = 24 * 60 * 60 * 1000
const JOBS_AT_ONCE = 10
/** Nobody waits for them, and they shall make nobody wait; so there is a rest as long between them. */
const TOKENS_AT_ONCE = 10

export interface Sweeper {
  /**
   * Removes about so many tokens of what has ended a while ago, and says how many; fewer only where no
   * more are left. Never what only sleeps or may yet begin: tokens of a disabled client, or of a family
   * that is not there.
   */
  sweep(limit: number): Promise<number>
}

/**
 * Removes the dead that an ending leaves behind. Each page is noted in the job, so that after a crash
 * whoever sweeps next goes on from there. Families have no job: their few tokens are left to expire.
 */
export function sweeper(parts: {
  readonly jobs: Store<SweepRecord>
  readonly tokens: Store<Token>
  readonly clients: Store<Client>
  readonly authorizations: Store<Authorization>
  now(): number
}): Sweeper {
  const { jobs, tokens, clients, authorizations, now } = parts
  const holdLease = sweepLease(jobs, now)

  async function sweep(limit: number): Promise<number> {
    let removed = 0
    for await (const some of dueJobs()) {
      let open: readonly SweepJob[] = some
      while (open.length > 0) {
        if (removed >= limit || !(await holdLease())) return removed
        const share = Math.ceil((limit - removed) / open.length)
        const steps = await Promise.all(open.map((job) => sweepPage(job, share)))
        for (const step of steps) removed += step.removed
        open = steps.flatMap(({ next }) => next ?? [])
      }
    }
    return removed
  }

  async function* dueJobs(): AsyncGenerator<readonly SweepJob[]> {
    let from: string | undefined
    for (;;) {
      const rows = await jobs.scan(from, JOBS_AT_ONCE)
      yield rows.map(({ value }) => value).filter(isDue)
      from = rows.at(-1)?.key
      if (rows.length < JOBS_AT_ONCE) return
    }
  }

  function isDue(record: SweepRecord): record is SweepJob {
    return 'mark' in record && record.announced + SETTLES_AFTER <= now()
  }

  /** One step of a job; `next` is the job as it stands then, absent when nothing is left to do. */
  async function sweepPage(
    job: SweepJob,
    limit: number,
  ): Promise<{ removed: number; next?: SweepJob }> {
    if (!(await hasEnded(job))) {
      if (job.announced + FORGOTTEN_AFTER <= now()) await finish(job)
      return { removed: 0 }
    }
    const page = await findTokens(job, Math.min(limit, 1000))
    const removed = await removeAll(job, page.items)
    if (page.next !== undefined) return { removed, next: await noteProgress(job, page.next) }
    await finish(job)
    return { removed }
  }

  async function hasEnded({ of, key, mark }: SweepJob): Promise<boolean> {
    if (of === 'client') return (await clients.get(key))?.epoch !== mark
    return (await authorizations.get(key))?.id !== mark
  }

  function findTokens({ of, key, mark, cursor }: SweepJob, limit: number) {
    const page = { limit, ...(cursor !== undefined && { cursor }) }
    return tokens.find(of, of === 'client' ? key : mark, page)
  }

  /** What has expired, and is kept for a while to be told from what nobody knows, is for the purge. */
  async function removeAll(job: SweepJob, rows: readonly Row<Token>[]): Promise<number> {
    const dead = rows.filter(({ value }) => bears(value, job) && now() < value.expires)
    let removed = 0
    for (let start = 0; start < dead.length; start += TOKENS_AT_ONCE) {
      const begun = performance.now()
      const some = dead.slice(start, start + TOKENS_AT_ONCE)
      const gone = await Promise.all(some.map(({ key }) => removeToken(job, key)))
      removed += gone.filter(Boolean).length
      await rest(performance.now() - begun)
    }
    return removed
  }

  /** Under the same key another token may have been made since, such as a sample. */
  async function removeToken(job: SweepJob, key: string): Promise<boolean> {
    const isDead = (token: Token | undefined) => token !== undefined && bears(token, job)
    const { before } = await tokens.update(key, (token) => (isDead(token) ? REMOVE : KEEP))
    return isDead(before)
  }

  async function noteProgress(job: SweepJob, cursor: string): Promise<SweepJob> {
    const next = { ...job, cursor }
    await jobs.update(job.mark, (current) => (isSame(current, job) ? next : KEEP))
    return next
  }

  async function finish(job: SweepJob): Promise<void> {
    await jobs.update(job.mark, (current) => (isSame(current, job) ? REMOVE : KEEP))
  }

  return { sweep }
}

function bears(token: Token, { of, mark }: Ending): boolean {
  return (of === 'client' ? token.clientEpoch : token.authorization) === mark
}

/** It may have been announced anew meanwhile, before an ending that is yet to come. */
function isSame(record: SweepRecord | undefined, job: SweepJob): boolean {
  return record !== undefined && 'mark' in record && record.announced === job.announced
}
