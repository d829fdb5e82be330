import { isLive, isUsable } from './families.ts'
import type { Authorization, Client, Family, Token } from './records.ts'

/** All that a token hangs on, as it was read. */
export interface Ties {
  readonly client: Client | undefined
  readonly authorization: Authorization | undefined
  readonly family: Family | undefined
}

/** Why a token is dead. For logs and operators: a client only learns that it is not active. */
export type CauseOfDeath =
  | 'expired'
  | 'client-gone'
  | 'client-disabled'
  | 'client-epoch'
  | 'authorization-gone'
  | 'family-ended'
  | 'rotated'

/** Why the token under that key is dead, or undefined while it and all that it hangs on are alive. */
export function findCauseOfDeath(
  key: string,
  token: Token,
  { client, authorization, family }: Ties,
  now: number,
): CauseOfDeath | undefined {
  if (token.expires <= now) return 'expired'
  if (client === undefined) return 'client-gone'
  if (client.epoch !== token.clientEpoch) return 'client-epoch'
  if (!client.enabled) return 'client-disabled'
  if (hangsOnOwner(token) && !isGivenBy(token, authorization)) return 'authorization-gone'
  if (token.kind === 'access' && token.family === undefined) return undefined
  if (family === undefined || !isLive(family, now)) return 'family-ended'
  if (token.kind === 'refresh' && !isUsable(family, key, now)) return 'rotated'
  return undefined
}

function hangsOnOwner(token: Token): boolean {
  return token.owner !== undefined || token.authorization !== undefined
}

function isGivenBy(token: Token, authorization: Authorization | undefined): boolean {
  return authorization !== undefined && authorization.id === token.authorization
}
