import { checkAgainst } from '../engine/policy/schema.ts'
import { KEEP } from '../engine/stores/contract.ts'
import type { Store } from '../engine/stores/store.ts'
import type { ClientRegistry } from './clients.ts'
import { hashToken, randomId } from './digest.ts'
import type { Authorization, Client, Token } from './records.ts'
import { type Registration, RegistrationError } from './registration.ts'
import { makeRecord } from './token-records.ts'
import type { TokenStore } from './token-store.ts'

/** A token as sample data and policy tests write it. */
export interface SampleToken {
  readonly token: string
  readonly kind: Token['kind']
  /** A client of the token store's registry. */
  readonly client: string
  readonly owner?: string
  readonly scopes: readonly string[]
  /** Seconds; negative: it has expired already, which needs `keepExpired`. */
  readonly expiresIn: number
  /** Tokens of one family descend from one grant; a refresh token has one in any case. */
  readonly family?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** What the sections `clients` and `tokens` hold, by the name of the table or token store. */
export interface SampleData {
  readonly clients: Readonly<Record<string, readonly Registration[]>>
  readonly tokens: Readonly<Record<string, readonly SampleToken[]>>
}

/** A token store, and what only the loading of samples needs of it. */
export interface Loadable {
  readonly store: TokenStore
  readonly records: Store<Token>
  readonly registry: ClientRegistry
  now(): number
}

const texts = { type: 'array', items: { type: 'string' } }
const schema = {
  type: 'object',
  properties: {
    clients: {
      type: 'object',
      default: {},
      additionalProperties: {
        type: 'array',
        items: {
          type: 'object',
          // What else a client may have is for the rules of registration to say.
          properties: {
            clientId: { type: 'string' },
            type: { type: 'string' },
            secret: { type: 'string' },
            redirectUris: texts,
            scopes: texts,
            defaultScopes: texts,
          },
          required: ['clientId', 'type'],
        },
      },
    },
    tokens: {
      type: 'object',
      default: {},
      additionalProperties: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            token: { type: 'string', minLength: 1, maxLength: 1000 },
            kind: { type: 'string', enum: ['access', 'refresh'], default: 'access' },
            client: { type: 'string' },
            owner: { type: 'string' },
            scopes: { ...texts, default: [] },
            expiresIn: { type: 'integer' },
            family: { type: 'string', minLength: 1 },
            metadata: { type: 'object', additionalProperties: { type: 'string' } },
          },
          required: ['token', 'client', 'expiresIn'],
          additionalProperties: false,
        },
      },
    },
  },
}

/** Throws an Error that says what is wrong, where and what to do. */
export function readSampleData(given: Readonly<Record<string, unknown>>): SampleData {
  const { value, problems } = checkAgainst(schema, given, 'key')
  const [problem] = problems
  if (problem === undefined) return value as SampleData
  throw new Error(`sample data ${problem.pointer}: ${problem.message}; ${problem.remedy}`)
}

/** Registers the clients that are not there yet. */
export async function loadClients(
  registry: ClientRegistry,
  registrations: readonly Registration[],
): Promise<void> {
  for (const registration of registrations) {
    if (await registry.find(registration.clientId ?? '')) continue
    await registry.register(registration).catch((error: unknown) => {
      // Another gateway on the same store was quicker.
      if (!(error instanceof RegistrationError) || error.code !== 'client_exists') throw error
    })
  }
}

/** Issues the tokens that are not there yet, with the authorization and family that they need. */
export async function loadTokens(into: Loadable, samples: readonly SampleToken[]): Promise<void> {
  for (const sample of samples) {
    const client = await into.registry.find(sample.client)
    if (client === undefined) {
      throw new Error(
        `sample data /tokens/${into.store.name}: there is no client "${sample.client}" in its registry; list it under "clients"`,
      )
    }
    await loadToken(into, sample, client)
  }
}

async function loadToken(
  { store, records, now }: Loadable,
  sample: SampleToken,
  client: Client,
): Promise<void> {
  const { kind, owner, scopes, expiresIn, metadata } = sample
  const id = hashToken(sample.token)
  if ((await records.get(id)) !== undefined) return
  const time = now()
  const expires = time + expiresIn * 1000
  const authorization =
    owner === undefined ? undefined : await authorize(store, { client, owner, scopes, expires })
  const family = sample.family ?? (kind === 'refresh' ? randomId() : undefined)
  const request = { kind, client, scopes, lifetime: 1, authorization, family, metadata }
  const record: Token = { ...makeRecord(request, time), expires }
  // The token last: once it is there, a repetition takes all that it hangs on for made.
  if (kind === 'refresh' && family !== undefined && expiresIn > 0) {
    await store.families.create({
      id: family,
      client: client.clientId,
      current: id,
      expires,
      ...(authorization && { authorization: authorization.id, owner: authorization.owner }),
    })
  }
  await records.update(id, (current) => (current === undefined ? record : KEEP)).catch(explain)

  function explain(error: unknown): never {
    if (expiresIn > 0) throw error
    throw new Error(
      `sample data /tokens/${store.name}: a token of client "${client.clientId}" has expired and cannot be kept; set keepExpired on the token store above ${-expiresIn}`,
      { cause: error },
    )
  }
}

async function authorize(
  store: TokenStore,
  sample: { client: Client; owner: string; scopes: readonly string[]; expires: number },
): Promise<Authorization> {
  const { client, owner, scopes, expires } = sample
  const { authorization } = await store.authorizations.grant({
    application: client.applicationId,
    owner,
    scopes,
    consented: false,
    tokensUntil: expires,
  })
  return authorization
}
