import { KEEP } from '../engine/stores/contract.ts'
import type { Store } from '../engine/stores/store.ts'
import type { Family } from './records.ts'

/** More displaced refresh tokens are never let through, however parallel a client refreshes. */
const MOST_GRACED = 8
/** Longer than any request may take that could still want to create a family ended before it began. */
const TOMBSTONE_LIFE = 24 * 60 * 60 * 1000

export type NewFamily = Pick<
  Family,
  'id' | 'authorization' | 'client' | 'owner' | 'current' | 'expires'
>

/** What becomes of a presented refresh token. */
export interface Rotation {
  /** SHA-256 of the refresh token presented; a token of this family. */
  readonly presented: string
  /** SHA-256 of the one to take its place. */
  readonly next: string
  /** Milliseconds for which the displaced one is still let through; 0: not at all. */
  readonly grace: number
  /** The end of the tokens issued with it; the family lasts at least as long. */
  readonly expires: number
}

/** The families of one table; all that descends from a grant ends with its family. */
export interface Families {
  /** False if it exists already, which means that it was ended before it began. */
  create(family: NewFamily): Promise<boolean>
  find(id: string): Promise<Family | undefined>
  /** One step: `rotated`; `reuse`: the token was displaced before, and the family is dead now; `dead`: it was before. */
  rotate(id: string, rotation: Rotation): Promise<'rotated' | 'reuse' | 'dead'>
  /** Also a family that does not exist yet: it cannot be created any more. */
  end(id: string, client: string): Promise<void>
}

/** True while the family lives and lets this refresh token through. */
export function isUsable(family: Family, hash: string, now: number): boolean {
  return family.current === hash || isGraced(family, hash, now)
}

export function families(store: Store<Family>, { now }: { now(): number }): Families {
  async function create(family: NewFamily): Promise<boolean> {
    const record: Family = { ...family, graced: [], state: 'live', created: now() }
    const { before } = await store.update(family.id, (current) =>
      current === undefined ? record : KEEP,
    )
    return before === undefined
  }

  async function rotate(id: string, rotation: Rotation): Promise<'rotated' | 'reuse' | 'dead'> {
    const time = now()
    const { before } = await store.update(id, (family) => {
      if (family === undefined || !isLive(family, time)) return KEEP
      if (!isUsable(family, rotation.presented, time)) return { ...family, state: 'reused' }
      return displace(family, rotation, time)
    })
    // The record as it was decides: the update acted on nothing else.
    if (before === undefined || !isLive(before, time)) return 'dead'
    return isUsable(before, rotation.presented, time) ? 'rotated' : 'reuse'
  }

  async function end(id: string, client: string): Promise<void> {
    const time = now()
    await store.update(id, (family) => {
      if (family === undefined) return tombstone(id, client, time)
      return family.state === 'live' ? { ...family, state: 'revoked' } : KEEP
    })
  }

  return { create, rotate, end, find: (id) => store.get(id) }
}

export function isLive(family: Family, now: number): boolean {
  return family.state === 'live' && now < family.expires
}

function isGraced({ graced }: Family, hash: string, now: number): boolean {
  return graced.some((displaced) => displaced.hash === hash && now < displaced.until)
}

function displace(family: Family, { next, grace, expires }: Rotation, now: number): Family {
  const displaced =
    family.current === undefined ? [] : [{ hash: family.current, until: now + grace }]
  const graced = [...family.graced, ...displaced].filter(({ until }) => now < until)
  return {
    ...family,
    current: next,
    graced: graced.slice(-MOST_GRACED),
    expires: Math.max(family.expires, expires),
  }
}

function tombstone(id: string, client: string, now: number): Family {
  return { id, client, graced: [], state: 'revoked', created: now, expires: now + TOMBSTONE_LIFE }
}
