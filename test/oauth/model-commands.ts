import { expect } from 'chai'
import fc from 'fast-check'
import { Refusal } from '../../engine/policy/refusal.ts'
import type { Granted } from '../../oauth/grants.ts'
import type { Authorization, Client } from '../../oauth/records.ts'
import { RegistrationError } from '../../oauth/registration.ts'
import type { Issued } from '../../oauth/token-records.ts'
import type {
  Model,
  ModelAuthorization,
  ModelClient,
  ModelCode,
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

type Command = fc.AsyncCommand<Model, Real>

// The last two are names of inherited properties: a scope may be called so.
const scopes = fc.subarray(['read', 'write', 'constructor', '__proto__'])
const someScopes = fc.subarray(['read', 'write', 'constructor', '__proto__'], { minLength: 1 })
// What happens shall often happen to the same thing, or nothing follows from it.
const place = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat({ max: 99 }) },
)
const owner = fc.constantFrom(OWNERS[0], OWNERS[0], OWNERS[0], OWNERS[1])
const purpose = fc.constantFrom('family', 'family', 'code', 'code', 'token', 'flight')
const lifetime = fc.constantFrom(30, 3600, 3600)

const VERIFIER = 'a-verifier-of-the-client-that-is-long-enough-to-pass'
const CHALLENGE = '__CdOQWuZoCvi7cxJN-QDaOb-za4_iyK6kWGSOtT1aI'
const WRONG_VERIFIER = VERIFIER.replace('client', 'thief-')
const REDIRECT = 'https://client.example/callback'

export function commands(): fc.Arbitrary<Command>[] {
  return [
    command('wait', [fc.constantFrom(1, 1, 20, 20, 40, 700)], async (model, real, seconds) => {
      model.now += seconds * 1000
      real.wait(seconds)
    }),
    command('purge', [], async (_model, real) => {
      for (const store of Object.values(real.records)) await store.purgeExpired(1000)
    }),

    command('enable', [place, fc.boolean()], async (model, real, which, enabled) => {
      const client = pick(model.clients, which)
      const changed = await real.registry.setEnabled(client.id, enabled)
      expect(changed !== undefined).to.equal(client.present)
      if (client.present) client.enabled = enabled
    }),
    command('remove client', [place], async (model, real, which) => {
      const client = pick(model.clients, which)
      expect(await real.registry.remove(client.id)).to.equal(client.present)
      model.endClient(client)
      client.present = false
      client.secrets = []
    }),
    command('register', [place], async (model, real, which) => {
      const client = pick(model.clients, which)
      const secret = drawSecret(client, real)
      const outcome = await real.registry.register(registrationOf(client, secret)).catch(codeOf)
      if (client.present) expect(outcome).to.equal('client_exists')
      else renew(client, secret)
    }),
    command('replace client', [place], async (model, real, which) => {
      const client = pick(model.clients, which)
      const secret = drawSecret(client, real)
      await real.registry.replace(registrationOf(client, secret))
      model.endClient(client)
      renew(client, secret)
    }),
    command('export client', [place], async (model, real, which) => {
      const client = pick(model.clients, which)
      const record = await real.registry.find(client.id)
      const { enabled } = client
      const secrets = client.secrets.map((secret) => ({ ...secret }))
      if (record) real.exportedClients.push({ of: client, record, secrets, enabled })
    }),
    command('restore client', [place], async (model, real, which) => {
      const exported = pickMaybe(real.exportedClients, which)
      if (!exported) return
      await real.registry.restore(exported.record)
      model.endClient(exported.of)
      exported.of.present = true
      exported.of.enabled = exported.enabled
      exported.of.secrets = exported.secrets.map((secret) => ({ ...secret }))
    }),
    command(
      'add secret',
      [place, fc.constantFrom(undefined, 30, 600), fc.constantFrom(undefined, 10, 600)],
      async (model, real, which, ends, othersEnd) => {
        const client = pick(model.clients, which)
        const secret = drawSecret(client, real) ?? 'no-secret-for-public-clients'
        const until = (seconds: number | undefined) =>
          seconds === undefined ? undefined : model.now + seconds * 1000
        const outcome = await real.registry
          .addSecret(client.id, {
            secret,
            until: until(ends),
            othersUntil: until(othersEnd),
          })
          .catch(codeOf)
        const valid = client.secrets.filter((other) => model.now < other.until)
        const isRefused = client.isPublic || valid.length >= 5
        const refusal = client.present ? 'invalid_client_metadata' : undefined
        if (!client.present || isRefused) return void expect(outcome).to.equal(refusal)
        for (const other of client.secrets) {
          other.until = Math.min(other.until, until(othersEnd) ?? Infinity)
        }
        client.secrets.push({ text: secret, until: until(ends) ?? Infinity })
      },
    ),

    command(
      'issue without owner',
      [place, scopes, lifetime],
      async (model, real, which, wanted, seconds) => {
        const { client, record } = await findClient(model, real, which)
        if (!record) return
        const issued = await real.store.issue({
          kind: 'access',
          client: record,
          scopes: wanted,
          lifetime: seconds,
        })
        addToken(model, issued, { client, scopes: new Set(wanted) })
      },
    ),
    ...times(
      6,
      command(
        'grant',
        [place, owner, someScopes, fc.option(scopes), purpose, lifetime, fc.constantFrom(20, 5000)],
        async (model, real, which, subject, requested, answer, wish, seconds, until) => {
          const { client, record } = await findClient(model, real, which)
          if (!record) return
          const application = client.application
          const before = model.find(application, subject)
          const missing = requested.filter((scope) => !before?.consented.has(scope))
          const approved = answer?.filter((scope) => missing.includes(scope))
          const tokensUntil = model.now + until * 1000
          const granted = await real.store.authorizations.grant({
            application,
            owner: subject,
            scopes: approved ?? requested,
            requested,
            consented: approved !== undefined,
            tokensUntil,
          })
          const given = model.grant({
            application,
            owner: subject,
            requested,
            approved,
            tokensUntil,
          })
          expect([...granted.scopes].sort()).to.deep.equal([...given.scopes].sort())
          await use(
            { ...given, client },
            { ...granted, client: record },
            wish,
            seconds,
            model,
            real,
          )
        },
      ),
    ),
    command('finish grant', [place, lifetime], async (model, real, which, seconds) => {
      const bearer = pickMaybe(model.inFlight, which)
      const flight = pickMaybe(real.inFlight, which)
      if (!bearer || !flight || flight.authorization.tokensUntil <= model.now) return
      const issued = await real.store.issue({ kind: 'access', ...flight, lifetime: seconds })
      addToken(model, issued, bearer)
    }),
    ...times(
      2,
      command('narrow', [place, owner, scopes], async (model, real, which, subject, keep) => {
        const { application } = pick(model.clients, which)
        await real.store.authorizations.narrow(application, subject, keep)
        model.narrow(model.find(application, subject), keep)
      }),
    ),
    ...times(
      2,
      command('impose', [place, owner, scopes], async (model, real, which, subject, imposed) => {
        const { application } = pick(model.clients, which)
        await real.store.authorizations.impose(application, subject, imposed)
        model.impose(model.find(application, subject), imposed)
      }),
    ),
    command('revoke authorization', [place, owner], async (model, real, which, subject) => {
      const { application } = pick(model.clients, which)
      const existed = await real.store.authorizations.revoke(application, subject)
      expect(existed).to.equal(model.find(application, subject) !== undefined)
      model.endAuthorization(model.find(application, subject))
    }),
    command('export authorization', [place, owner], async (model, real, which, subject) => {
      const { application } = pick(model.clients, which)
      const record = await real.store.authorizations.find(application, subject)
      const copy = model.find(application, subject)
      if (record && copy) real.exportedAuthorizations.push({ record, copy: copyOf(copy) })
    }),
    command('restore authorization', [place], async (model, real, which) => {
      const exported = pickMaybe(real.exportedAuthorizations, which)
      if (!exported) return
      await real.store.authorizations.restore(exported.record)
      const { application, owner: subject } = exported.copy
      model.endAuthorization(model.find(application, subject))
      model.authorizations.push(copyOf(exported.copy))
    }),

    ...times(
      5,
      command(
        'redeem',
        [
          place,
          place,
          fc.constantFrom('well', 'well', 'well', 'redirect', 'verifier', 'verifier', 'none'),
          fc.boolean(),
        ],
        redeem,
      ),
    ),
    ...times(
      5,
      command(
        'refresh',
        [place, place, fc.option(scopes), fc.constantFrom(0, 0, 30), lifetime],
        refresh,
      ),
    ),
    ...times(
      2,
      command(
        'revoke token',
        [place, place, fc.constantFrom('nothing', 'refresh', 'authorization')],
        async (model, real, whichToken, whichClient, alsoRemove) => {
          const token = pickMaybe(model.tokens, whichToken)
          if (!token) return
          const other = whichClient % 4 === 0 ? whichClient : model.clients.indexOf(token.client)
          const { client, record } = await findClient(model, real, other)
          if (!record?.enabled) return
          const { result } = await real.store.revoke(token.text, record, { alsoRemove })
          if (token.deleted || token.expires <= model.now)
            return void expect(result).to.equal('unknown')
          if (token.client !== client) return void expect(result).to.equal('foreign')
          if (token.orphaned) return void expect(result).to.equal('unknown')
          expect(result).to.equal('revoked')
          revoke(model, token, alsoRemove)
        },
      ),
    ),
    command('revoke token by id', [place], async (model, real, which) => {
      const token = pickMaybe(model.tokens, which)
      if (!token) return
      const revoked = await real.store.revokeById(token.id)
      const isThere = !token.deleted && model.now < token.expires
      expect(revoked !== undefined).to.equal(isThere)
      if (isThere) revoke(model, token, 'nothing')
    }),
  ]
}

/** What comes of a grant: tokens now, or later by a code, or by a request that is slow. */
async function use(
  given: { client: ModelClient; authorization: ModelAuthorization; scopes: Set<string> },
  granted: { client: Client; authorization: Authorization; scopes: readonly string[] },
  wish: 'family' | 'code' | 'token' | 'flight',
  seconds: number,
  model: Model,
  real: Real,
): Promise<void> {
  const { client, authorization } = given
  const scopes = new Set(given.scopes)
  if (wish === 'flight') {
    model.inFlight.push({ client, authorization, scopes, ended: false, orphaned: false })
    real.inFlight.push(granted)
  } else if (wish === 'token') {
    const issued = await real.store.issue({ kind: 'access', ...granted, lifetime: seconds })
    addToken(model, issued, given)
  } else if (wish === 'family') {
    const terms = { accessLifetime: seconds, refreshLifetime: seconds * 2 }
    addFamily(model, await real.store.start({ ...granted, terms }), given)
  } else {
    const withChallenge = client.isPublic || seconds > 30
    const { code, record } = await real.store.codes.issue({
      ...granted,
      lifetime: 60,
      redirectUri: REDIRECT,
      ...(withChallenge && { challenge: { value: CHALLENGE, method: 'S256' as const } }),
    })
    model.codes.push({
      client,
      authorization,
      scopes,
      ended: false,
      orphaned: false,
      text: code.reveal(),
      redirectUri: REDIRECT,
      verifier: withChallenge ? VERIFIER : undefined,
      expires: record.expires,
      failures: 0,
      used: false,
      bought: undefined,
    })
  }
}

async function redeem(
  model: Model,
  real: Real,
  whichCode: number,
  whichClient: number,
  how: 'well' | 'redirect' | 'verifier' | 'none',
  withRefresh: boolean,
): Promise<void> {
  const code = pickMaybe(model.codes, whichCode)
  if (!code) return
  const other = whichClient % 4 === 0 ? whichClient : model.clients.indexOf(code.client)
  const { client, record } = await findClient(model, real, other)
  if (!record?.enabled) return
  const redirectUri = how === 'redirect' ? 'https://thief.example/' : REDIRECT
  const verifier = {
    well: code.verifier,
    redirect: code.verifier,
    verifier: WRONG_VERIFIER,
    none: undefined,
  }[how]
  const terms = { accessLifetime: 600, refreshLifetime: withRefresh ? 1200 : undefined }
  const presented = { client: record, redirectUri, verifier }
  const outcome = await real.store.redeem(code.text, presented, terms)
  if (judgeCode(model, code, { client, redirectUri, verifier })) {
    if (outcome instanceof Refusal) throw new Error(`refused: ${outcome.detail}`)
    code.bought = addFamily(model, outcome, code)
  } else {
    expect(outcome).to.be.instanceOf(Refusal).with.property('code', 'invalid_grant')
  }
}

function judgeCode(
  model: Model,
  code: ModelCode,
  presented: { client: ModelClient; redirectUri: string; verifier: string | undefined },
): boolean {
  if (code.ended || code.expires <= model.now) return false
  if (presented.client !== code.client || presented.redirectUri !== code.redirectUri) return false
  if (code.failures === 5) return false
  if (presented.verifier !== code.verifier) {
    if (!code.used && code.verifier && presented.verifier) code.failures += 1
    return false
  }
  if (code.used) {
    model.endFamily(code.bought)
    return false
  }
  code.used = true
  return model.now < (code.authorization?.tokensUntil ?? 0)
}

async function refresh(
  model: Model,
  real: Real,
  whichToken: number,
  whichClient: number,
  wanted: string[] | null,
  grace: number,
  seconds: number,
): Promise<void> {
  const token = pickMaybe(
    model.tokens.filter(({ kind }) => kind === 'refresh' || whichClient % 9 === 0),
    whichToken,
  )
  if (!token) return
  const other = whichClient % 7 === 0 ? whichClient : model.clients.indexOf(token.client)
  const { client, record } = await findClient(model, real, other)
  if (!record?.enabled) return
  const terms = { accessLifetime: seconds, refreshLifetime: seconds * 2, grace }
  const requested = wanted ?? []
  const outcome = await real.store.refresh(token.text, record, { ...terms, requested })
  const refusal = outcome instanceof Refusal ? outcome.code : undefined
  const isOver = token.deleted || token.ended || token.expires <= model.now
  if (token.kind !== 'refresh' || isOver || token.client !== client) {
    expect(refusal).to.equal('invalid_grant')
  } else if (!model.isUsable(token)) {
    expect(refusal).to.equal('invalid_grant')
    model.endFamily(token.family)
  } else if (requested.some((scope) => !token.scopes.has(scope))) {
    expect(refusal).to.equal('invalid_scope')
  } else {
    if (outcome instanceof Refusal) throw new Error(`refused: ${outcome.detail}`)
    const scopes = new Set(requested.length > 0 ? requested : token.scopes)
    const { client, authorization, family } = token
    addToken(model, outcome.access, { client, authorization, scopes }, family)
    if (!outcome.refresh || !family) throw new Error('no refresh token was given')
    model.displace(family, addToken(model, outcome.refresh, token, family), grace * 1000)
  }
}

function revoke(model: Model, token: ModelToken, alsoRemove: string): void {
  token.deleted = true
  const withRefresh = alsoRemove !== 'nothing' || token.kind === 'refresh'
  if (withRefresh) model.endFamily(token.family)
  const isCurrent = model.authorizations.some((current) => current === token.authorization)
  if (alsoRemove === 'authorization' && isCurrent) model.endAuthorization(token.authorization)
}

type Origin = {
  client: ModelClient
  authorization?: ModelAuthorization | undefined
  scopes: Set<string>
  ended?: boolean
  orphaned?: boolean
}

function addFamily(model: Model, granted: Granted, origin: Origin): ModelFamily {
  const family: ModelFamily = { current: undefined, graced: [] }
  addToken(model, granted.access, origin, family)
  if (granted.refresh) family.current = addToken(model, granted.refresh, origin, family)
  return family
}

function addToken(
  model: Model,
  issued: Issued,
  { client, authorization, scopes, ended = false, orphaned = false }: Origin,
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

async function findClient(model: Model, real: Real, which: number) {
  const client = pick(model.clients, which)
  const record = await real.registry.find(client.id)
  return { client, record }
}

function registrationOf({ id, application, isPublic }: ModelClient, secret: string | undefined) {
  const type: Client['type'] = isPublic ? 'public' : 'confidential'
  return { clientId: id, applicationId: application, type, secret }
}

function renew(client: ModelClient, secret: string | undefined): void {
  client.present = true
  client.enabled = true
  client.secrets = secret === undefined ? [] : [{ text: secret, until: Infinity }]
}

function drawSecret(client: ModelClient, real: Real): string | undefined {
  real.drawn += 1
  return client.isPublic ? undefined : `secret-number-${real.drawn}`
}

function codeOf(error: unknown): string {
  if (error instanceof RegistrationError) return error.code
  throw error
}

function copyOf(authorization: ModelAuthorization): ModelAuthorization {
  const { granted, consented } = authorization
  return { ...authorization, granted: new Set(granted), consented: new Set(consented) }
}

/** Makes commands that are compared with the model each time they have run. */
function command<Params extends unknown[]>(
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
function times<Item>(count: number, item: Item): Item[] {
  return Array.from({ length: count }, () => item)
}

function pick<Item>(list: readonly Item[], which: number): Item {
  const item = pickMaybe(list, which)
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** Small numbers pick what is newest: there more happens. */
function pickMaybe<Item>(list: readonly Item[], which: number): Item | undefined {
  return list[list.length - 1 - (which % list.length)]
}
