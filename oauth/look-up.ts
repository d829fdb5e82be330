import type { Page, PageRequest } from '../engine/stores/contract.ts'
import { readTogether } from '../engine/stores/read-together.ts'
import type { Row, Store } from '../engine/stores/store.ts'
import { type CauseOfDeath, findCauseOfDeath, type Ties } from './alive.ts'
import { authorizationKey } from './authorizations.ts'
import { effectiveScopes } from './consent.ts'
import { hashToken, isOverlong } from './digest.ts'
import type { Authorization, Client, Family, Token } from './records.ts'

/** The records that a token store is made of. */
export interface TokenRecords {
  readonly tokens: Store<Token>
  readonly clients: Store<Client>
  readonly authorizations: Store<Authorization>
  readonly families: Store<Family>
  now(): number
}

/** A token and, while it lives, what it hangs on and the scopes that it has now. */
export type TokenLookup =
  | {
      readonly alive: true
      readonly token: Token
      readonly client: Client
      readonly authorization?: Authorization
      readonly family?: Family
      readonly scopes: readonly string[]
    }
  | {
      readonly alive: false
      readonly reason: CauseOfDeath | 'unknown'
      /** The record of a token that is dead, but known. */
      readonly token?: Token
      readonly scopes: readonly []
    }

export type TokenIndex = 'client' | 'owner' | 'authorization'

const MOST_PAGES = 10

/** Reads a token, then all that it hangs on in one round trip. */
export async function lookUpToken(records: TokenRecords, text: string): Promise<TokenLookup> {
  if (isOverlong(text)) return dead('unknown')
  const id = hashToken(text)
  const token = await records.tokens.get(id)
  if (token === undefined) return dead('unknown')
  if (token.expires <= records.now()) return dead('expired', token)
  return judge(id, token, await readTies(records, token), records.now())
}

/**
 * A page of living tokens. The dead that still lie about are passed over, so that a page may be
 * short, and even empty, though there is a next one.
 */
export async function listLiving(
  records: TokenRecords,
  index: TokenIndex,
  value: string,
  { limit, cursor }: Omit<PageRequest, 'total'>,
): Promise<Page<Row<Token>>> {
  const living: Row<Token>[] = []
  let next = cursor
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const request = {
      limit: limit - living.length,
      ...(next === undefined ? {} : { cursor: next }),
    }
    const found = await records.tokens.find(index, value, request)
    living.push(...(await keepLiving(records, found.items)))
    next = found.next
    if (next === undefined || living.length === limit) break
  }
  return { items: living, ...(next === undefined ? {} : { next }) }
}

async function keepLiving(
  records: TokenRecords,
  rows: readonly Row<Token>[],
): Promise<readonly Row<Token>[]> {
  const ties = await readAllTies(records, rows)
  const now = records.now()
  return rows.filter((row, place) => {
    const tie = ties[place]
    return tie !== undefined && findCauseOfDeath(row.key, row.value, tie, now) === undefined
  })
}

function judge(id: string, token: Token, ties: Ties, now: number): TokenLookup {
  const { client, authorization, family } = ties
  const reason = findCauseOfDeath(id, token, ties, now)
  if (reason !== undefined || client === undefined) return dead(reason ?? 'client-gone', token)
  return {
    alive: true,
    token,
    client,
    ...(authorization && { authorization }),
    ...(family && { family }),
    scopes: effectiveScopes(token, authorization),
  }
}

function dead(reason: CauseOfDeath | 'unknown', token?: Token): TokenLookup {
  return { alive: false, reason, scopes: [], ...(token && { token }) }
}

async function readTies(records: TokenRecords, token: Token): Promise<Ties> {
  // Under the empty key there is nothing, and no store is asked for it.
  const [client, authorization, family] = await readTogether([
    { store: records.clients, key: token.client },
    { store: records.authorizations, key: keyOfAuthorization(token) ?? '' },
    { store: records.families, key: token.family ?? '' },
  ])
  return { client, authorization, family }
}

async function readAllTies(
  records: TokenRecords,
  rows: readonly Row<Token>[],
): Promise<readonly Ties[]> {
  const tokens = rows.map((row) => row.value)
  const [clients, authorizations, families] = await Promise.all([
    readEach(
      records.clients,
      tokens.map((token) => token.client),
    ),
    readEach(records.authorizations, tokens.map(keyOfAuthorization)),
    readEach(
      records.families,
      tokens.map((token) => token.family),
    ),
  ])
  return tokens.map((token) => ({
    client: clients.get(token.client),
    authorization: authorizations.get(keyOfAuthorization(token)),
    family: families.get(token.family),
  }))
}

/** Many tokens hang on few records: each is read once. */
async function readEach<Value extends object>(
  store: Store<Value>,
  keys: readonly (string | undefined)[],
): Promise<ReadonlyMap<string | undefined, Value | undefined>> {
  const wanted = [...new Set(keys)].filter((key) => key !== undefined)
  if (wanted.length === 0) return new Map()
  const values = await store.getMany(wanted)
  return new Map(wanted.map((key, place) => [key, values[place]] as const))
}

function keyOfAuthorization({ application, owner }: Token): string | undefined {
  return owner === undefined ? undefined : authorizationKey(application, owner)
}
