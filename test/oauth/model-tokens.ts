import { expect } from 'chai'
import fc from 'fast-check'
import { Refusal } from '../../engine/policy/refusal.ts'
import type { Model, ModelClient, ModelCode, ModelToken } from './model.ts'
import {
  addFamily,
  addToken,
  type Command,
  command,
  findClient,
  lifetime,
  pickMaybe,
  place,
  REDIRECT,
  type Real,
  scopes,
  times,
  WRONG_VERIFIER,
} from './model-command.ts'

/** What clients do with codes and tokens. */
export function tokenCommands(): fc.Arbitrary<Command>[] {
  return [
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
