import { KEEP, type Page, type PageRequest, REMOVE } from '../engine/stores/contract.ts'
import type { Change, Row, Store } from '../engine/stores/store.ts'
import { extend, type Grant, impose, narrow, scopesOfGrant } from './consent.ts'
import { hashNames, randomId } from './digest.ts'
import type { Announce } from './endings.ts'
import type { Authorization } from './records.ts'
import { intersect } from './scopes.ts'

/** What owners let applications do: one record for each pair, by construction of its key. */
export interface Authorizations {
  /** Makes or extends the authorization in one step, and says which scopes tokens get by this grant. */
  grant(
    grant: Grant,
  ): Promise<{ readonly authorization: Authorization; readonly scopes: readonly string[] }>
  /** Takes away all scopes but these. Undefined if there is no authorization. */
  narrow(
    application: string,
    owner: string,
    keep: readonly string[],
  ): Promise<Authorization | undefined>
  /** Replaces the scopes of the authorization and of all its older tokens. Undefined if there is none. */
  impose(
    application: string,
    owner: string,
    scopes: readonly string[],
  ): Promise<Authorization | undefined>
  /** Ends it, and with it all its tokens; with `id` only if it is still that one. False if there was none. */
  revoke(application: string, owner: string, id?: string): Promise<boolean>
  /** Takes back an exported record under a new id: tokens of before stay dead. */
  restore(exported: Authorization): Promise<Authorization>
  find(application: string, owner: string): Promise<Authorization | undefined>
  listByOwner(owner: string, page: PageRequest): Promise<Page<Authorization>>
  listByApplication(application: string, page: PageRequest): Promise<Page<Authorization>>
}

/** The key of the record of that application and owner. */
export function authorizationKey(application: string, owner: string): string {
  return hashNames(application, owner)
}

export function authorizations(
  store: Store<Authorization>,
  { now, announce }: { now(): number; announce: Announce },
): Authorizations {
  async function grant(given: Grant) {
    const key = authorizationKey(given.application, given.owner)
    const id = randomId()
    const time = now()
    const { before, after } = await store.update(key, (current) => extend(current, given, id, time))
    if (after === undefined) throw new Error(`${store.name} did not say what it wrote`)
    return { authorization: after, scopes: scopesOfGrant(before, given) }
  }

  async function change(
    application: string,
    owner: string,
    edit: (current: Authorization) => Authorization,
  ): Promise<Authorization | undefined> {
    const key = authorizationKey(application, owner)
    const { after } = await store.update(key, (current) =>
      current === undefined ? KEEP : edit(current),
    )
    return after
  }

  async function revoke(application: string, owner: string, id?: string): Promise<boolean> {
    const key = authorizationKey(application, owner)
    const ended = await end(key, (current) => {
      const isMeant = current !== undefined && (id === undefined || current.id === id)
      return isMeant ? REMOVE : KEEP
    })
    return ended !== undefined
  }

  async function restore(exported: Authorization): Promise<Authorization> {
    const { application, owner, granted } = exported
    const consented = intersect(exported.consented, Object.keys(granted))
    const restored = { ...exported, id: randomId(), consented, updated: now() }
    await end(authorizationKey(application, owner), () => restored)
    return restored
  }

  /** Puts another in its place, or none, and says which was ended by that. */
  async function end(key: string, step: Change<Authorization>): Promise<Authorization | undefined> {
    for (;;) {
      const seen = await store.get(key)
      const next = step(seen)
      if (next === KEEP) return undefined
      if (seen !== undefined) await announce({ of: 'authorization', key, mark: seen.id })
      // Only what was announced may end; if it is another by now, that is announced next.
      const { before } = await store.update(key, (current) =>
        current?.id === seen?.id ? next : KEEP,
      )
      if (before?.id === seen?.id) return seen
    }
  }

  async function list(index: 'application' | 'owner', value: string, page: PageRequest) {
    const found = await store.find(index, value, page)
    return { ...found, items: found.items.map((row: Row<Authorization>) => row.value) }
  }

  return {
    grant,
    revoke,
    restore,
    narrow: (application, owner, keep) => {
      const time = now()
      return change(application, owner, (current) => narrow(current, keep, time))
    },
    impose: (application, owner, scopes) => {
      const time = now()
      return change(application, owner, (current) => impose(current, scopes, time))
    },
    find: (application, owner) => store.get(authorizationKey(application, owner)),
    listByOwner: (owner, page) => list('owner', owner, page),
    listByApplication: (application, page) => list('application', application, page),
  }
}
