import type { Store } from '../engine/stores/store.ts'
import type { Authorizations } from './authorizations.ts'
import { hashToken, isOverlong } from './digest.ts'
import type { Families } from './families.ts'
import type { ClientDetails, Token } from './records.ts'

/** What goes with an access token: nothing, its refresh tokens too, or the whole authorization. */
export interface RevokeOptions {
  readonly alsoRemove?: 'nothing' | 'refresh' | 'authorization' | undefined
}

/** `foreign`: another client's token, and nothing was done. `unknown`: no such token, or it is over. */
export interface Revocation {
  readonly result: 'revoked' | 'unknown' | 'foreign'
  readonly token?: Token
}

export interface Revoker {
  /** Revokes a token for the client that it was issued to (RFC 7009). */
  revoke(text: string, client: ClientDetails, options?: RevokeOptions): Promise<Revocation>
  /** Revokes, for an operator, the token under that key; undefined if there is none. */
  revokeById(id: string, options?: RevokeOptions): Promise<Token | undefined>
}

const KEY = /^[\w-]{43}$/

export function revoker(parts: {
  readonly tokens: Store<Token>
  readonly authorizations: Authorizations
  readonly families: Families
  now(): number
}): Revoker {
  const { tokens, authorizations, families, now } = parts

  async function find(id: string): Promise<Token | undefined> {
    const token = await tokens.get(id)
    return token !== undefined && now() < token.expires ? token : undefined
  }

  async function revoke(
    text: string,
    client: ClientDetails,
    options: RevokeOptions = {},
  ): Promise<Revocation> {
    if (isOverlong(text)) return { result: 'unknown' }
    const id = hashToken(text)
    const token = await find(id)
    if (token === undefined) return { result: 'unknown' }
    if (token.client !== client.clientId) return { result: 'foreign' }
    // Issued to a client of the same name that is no more: dead already.
    if (token.clientEpoch !== client.epoch) return { result: 'unknown' }
    await end(id, token, options)
    return { result: 'revoked', token }
  }

  async function revokeById(id: string, options: RevokeOptions = {}): Promise<Token | undefined> {
    const token = KEY.test(id) ? await find(id) : undefined
    if (token !== undefined) await end(id, token, options)
    return token
  }

  // The token's own record goes last: whoever repeats a call that broke off finds it again.
  async function end(id: string, token: Token, { alsoRemove }: RevokeOptions): Promise<void> {
    const { application, owner, authorization, family, client } = token
    const withRefresh = alsoRemove === 'refresh' || alsoRemove === 'authorization'
    if (alsoRemove === 'authorization' && owner !== undefined && authorization !== undefined) {
      await authorizations.revoke(application, owner, authorization)
    }
    if (family !== undefined && (token.kind === 'refresh' || withRefresh)) {
      await families.end(family, client)
    }
    await tokens.delete(id)
  }

  return { revoke, revokeById }
}
