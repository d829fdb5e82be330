import { expect } from 'chai'
import fc from 'fast-check'
import type { Granted } from '../../oauth/grants.ts'
import type { Authorization, Client } from '../../oauth/records.ts'
import type { Issued } from '../../oauth/token-records.ts'
import type {
  Model,
  ModelAuthorization,
  ModelClient,
  ModelEnding,
  ModelFamily,
  ModelToken,
} from './model.ts'
import { compare, OWNERS } from './model-check.ts'
import type { OAuth } from './open-oauth.ts'

/** The real thing, and what a client, an owner or an operator would have in his hands. */
export interface Real extends OAuth {
  inFlight: { client: Client; authorization: Authorization; scopes: readonly string[] }[]
  exportedClients: {
    of: ModelClient
    record: Client
    secrets: ModelClient['secrets']
    enabled: boolean
  }[]
  exportedAuthorizations: { record: Authorization; copy: ModelAuthorization }[]
  drawn: number
}

export type Command = fc.AsyncCommand<Model, Real>

// The last two are names of inherited properties: a scope may be called so.
export const scopes = fc.subarray(['read', 'write', 'constructor', '__proto__'])
export const someScopes = fc.subarray(['read', 'write', 'constructor', '__proto__'], {
  minLength: 1,
})
// What happens shall often happen to the same thing, or nothing follows from it.
export const place = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat({ max: 99 }) },
)
export const owner = fc.constantFrom(OWNERS[0], OWNERS[0], OWNERS[0], OWNERS[1])
export const purpose = fc.constantFrom('family', 'family', 'code', 'code', 'token', 'flight')
export const lifetime = fc.constantFrom(30, 3600, 3600)

export const VERIFIER = 'a-verifier-of-the-client-that-is-long-enough-to-pass'
export const CHALLENGE = '__CdOQWuZoCvi7cxJN-QDaOb-za4_iyK6kWGSOtT1aI'
export const WRONG_VERIFIER = VERIFIER.replace('client', 'thief-')
export const REDIRECT = 'https://client.example/callback'

/** Makes commands that are compared with the model each time they have run. */
export function command<Params extends unknown[]>(
  name: string,
  params: { [Place in keyof Params]: fc.Arbitrary<Params[Place]> },
  run: (model: Model, real: Real, ...params: Params) => Promise<unknown>,
): fc.Arbitrary<Command> {
  return fc.tuple<Params>(...params).map((values) => ({
    check: () => true,
    async run(model, real) {
      await run(model, real, ...values)
      await compare(model, real)
    },
    toString: () => `${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`,
  }))
}

/** So many chances in one. */
export function times<Item>(count: number, item: Item): Item[] {
  return Array.from({ length: count }, () => item)
}

export function pick<Item>(list: readonly Item[], which: number): Item {
  const item = pickMaybe(list, which)
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** Small numbers pick what is newest: there more happens. */
export function pickMaybe<Item>(list: readonly Item[], which: number): Item | undefined {
  return list[list.length - 1 - (which % list.length)]
}

export type Origin = {
  client: ModelClient
  authorization?: ModelAuthorization | undefined
  scopes: Set<string>
  ended?: boolean
  orphaned?: boolean
  endings?: ModelEnding[]
}

export function addFamily(model: Model, granted: Granted, origin: Origin): ModelFamily {
  const family: ModelFamily = { current: undefined, graced: [] }
  addToken(model, granted.access, origin, family)
  if (granted.refresh) family.current = addToken(model, granted.refresh, origin, family)
  return family
}

export function addToken(
  model: Model,
  issued: Issued,
  { client, authorization, scopes, ended = false, orphaned = false, endings = [] }: Origin,
  family?: ModelFamily,
): ModelToken {
  const { kind, expires } = issued.record
  expect(expires).to.be.at.most(authorization?.tokensUntil ?? Infinity)
  const token: ModelToken = {
    client,
    authorization,
    scopes: new Set(scopes),
    ended,
    orphaned,
    endings: [...endings],
    text: issued.token.reveal(),
    id: issued.id,
    kind,
    family,
    expires,
    deleted: false,
  }
  model.tokens.push(token)
  return token
}

export async function findClient(model: Model, real: Real, which: number) {
  const client = pick(model.clients, which)
  const record = await real.registry.find(client.id)
  return { client, record }
}
