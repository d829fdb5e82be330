import { hash, randomBytes } from 'node:crypto'
import type { Store } from '../engine/stores/store.ts'
import type { Client } from './records.ts'

/** Characters of a raw token, 6 random bits each. */
export const TOKEN_LENGTHS = { access: 54, refresh: 46, code: 30 } as const

/** 22 characters of base64url are 132 bits: what RFC 6749 §10.10 asks for (≥ 128). */
const SHORTEST = 22
const LONGEST = 1000
const NUMBER_ATTEMPTS = 10

/** Random base64url text of that many characters, 22 to 1000. */
export function randomToken(length: number): string {
  if (!Number.isInteger(length) || length < SHORTEST || length > LONGEST) {
    throw new RangeError(
      `a token of ${length} characters: ${SHORTEST} to ${LONGEST} are allowed, so that nobody guesses it`,
    )
  }
  return randomBytes(Math.ceil((length * 3) / 4))
    .toString('base64url')
    .slice(0, length)
}

/** Random and unique for all practical purposes: the id of an authorization or family, the epoch of a client. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}

/** The key under which a token or code is kept: SHA-256 of its text, so that a dump yields no usable token. */
export function hashToken(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** A text that cannot be a token of ours; it need not be looked up. */
export function isOverlong(text: string): boolean {
  return text.length > LONGEST
}

/** One key for several names; JSON keeps `['a', 'b c']` and `['a b', 'c']` apart. */
export function hashNames(...names: readonly string[]): string {
  return hash('sha256', JSON.stringify(names), 'base64url')
}

/** A number that no client of the registry has, 1 to 2⁵³ − 1. */
export async function drawClientNumber(registry: Store<Client>): Promise<number> {
  for (let attempt = 0; attempt < NUMBER_ATTEMPTS; attempt += 1) {
    const number = randomNumber()
    if (!(await isNumberTaken(registry, number))) return number
  }
  throw new Error(
    `no free client number found in ${registry.name} after ${NUMBER_ATTEMPTS} attempts; check its index "number"`,
  )
}

export async function isNumberTaken(registry: Store<Client>, number: number): Promise<boolean> {
  const { items } = await registry.find('number', String(number), { limit: 1 })
  return items.length > 0
}

function randomNumber(): number {
  const bytes = randomBytes(7)
  const high = bytes.readUIntBE(0, 3) & 0x1fffff // 21 bits above 32 make 53
  const number = high * 2 ** 32 + bytes.readUInt32BE(3)
  return number === 0 ? 1 : number
}
