import type { Contender } from './contenders/contender.ts'
import { basic, RESOURCE_SERVER, SAMPLE_APP } from './contenders/credentials.ts'
import { type Load, type Measured, send } from './load.ts'

/** What a contender is asked to do. */
export const works = ['introspect', 'revoke unknown', 'issue', 'revoke'] as const
export type Work = (typeof works)[number]

/**
 * How often Sallyport, and with it the limit, goes to the store for a request, one after the other:
 * the caller's client, the token, then what the token hangs on, all at once; or the write.
 */
export const roundTrips: Readonly<Record<Work, number>> = {
  introspect: 3,
  'revoke unknown': 2,
  issue: 2,
  revoke: 3,
}

/** One round of one work on one contender. */
export interface Round extends Measured {
  /** Which part of the core the server used; well below 1 the load, or the disk, was what held it back. */
  readonly busy: number
  /** Microseconds of processor time that the server took for a request. */
  readonly cost: number
}

type Amount = { readonly seconds: number } | { readonly requests: number }

/** Has tokens issued, and answers them. */
export async function issue(
  contender: Contender,
  amount: Amount,
): Promise<{ round: Round; tokens: readonly string[] }> {
  const tokens: string[] = []
  const body = 'grant_type=client_credentials&scope=read'
  const round = await measure(contender, {
    path: '/oauth/token',
    authorization: basic(SAMPLE_APP),
    ...('seconds' in amount
      ? { bodies: [body], seconds: amount.seconds }
      : { bodies: new Array<string>(amount.requests).fill(body) }),
    accept(answer) {
      const token = /"access_token":"([^"]+)"/.exec(answer)?.[1]
      if (token !== undefined) tokens.push(token)
      return token !== undefined
    },
  })
  return { round, tokens }
}

/** Has each of the tokens revoked, once. */
export function revoke(contender: Contender, tokens: readonly string[]): Promise<Round> {
  return measure(contender, { ...revocation, bodies: tokens.map(bodyOf) })
}

export function revokeUnknown(contender: Contender, seconds: number): Promise<Round> {
  const bodies = Array.from({ length: 64 }, (_, number) => bodyOf(`nobody-knows-this-${number}`))
  return measure(contender, { ...revocation, bodies, seconds })
}

/** Asks about living tokens, over and over. */
export function introspect(
  contender: Contender,
  tokens: readonly string[],
  seconds: number,
): Promise<Round> {
  return measure(contender, {
    path: '/oauth/introspect',
    authorization: basic(RESOURCE_SERVER),
    bodies: tokens.map(bodyOf),
    seconds,
    accept: (answer) => answer.includes('"active":true'),
  })
}

const revocation = {
  path: '/oauth/revoke',
  authorization: basic(SAMPLE_APP),
  accept: (answer: string) => answer === '',
}

function bodyOf(token: string): string {
  return `token=${encodeURIComponent(token)}`
}

async function measure(contender: Contender, load: Omit<Load, 'address'>): Promise<Round> {
  const { address, process } = contender
  const before = await process.cpu()
  const start = performance.now()
  const measured = await send({ address, ...load })
  const elapsed = performance.now() - start
  const used = (await process.cpu()) - before
  return { ...measured, busy: used / 1000 / elapsed, cost: used / measured.requests }
}
