import { expect } from 'chai'
import fc from 'fast-check'
import type { Authorization, Client } from '../../oauth/records.ts'
import type { Model, ModelAuthorization, ModelClient } from './model.ts'
import {
  addFamily,
  addToken,
  CHALLENGE,
  type Command,
  command,
  findClient,
  lifetime,
  owner,
  pick,
  pickMaybe,
  place,
  purpose,
  REDIRECT,
  type Real,
  scopes,
  someScopes,
  times,
  VERIFIER,
} from './model-command.ts'

/** What owners grant and take back, and what is issued under it. */
export function authorizationCommands(): fc.Arbitrary<Command>[] {
  return [
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
    model.inFlight.push({
      client,
      authorization,
      scopes,
      ended: false,
      orphaned: false,
      endings: [],
    })
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
      endings: [],
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

function copyOf(authorization: ModelAuthorization): ModelAuthorization {
  const { granted, consented } = authorization
  return { ...authorization, granted: new Set(granted), consented: new Set(consented) }
}
