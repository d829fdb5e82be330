import { hash } from 'node:crypto'
import { Misuse } from './contract.ts'

// LMDB sorts by bytes: texts stand as UTF-8, numbers as big-endian doubles, which sort as they count.
// It takes keys of 1978 bytes; a key that it refused in the middle of a transaction would leave half a write.
const LONGEST_KEY = 1024
const BEHIND_ALL = Buffer.of(0xff)

export function recordKey(key: string): Buffer {
  const bytes = Buffer.from(key)
  if (bytes.length > 0 && bytes.length <= LONGEST_KEY) return bytes
  throw new Misuse(`a key of ${bytes.length} bytes cannot be kept; use 1 to ${LONGEST_KEY}`)
}

/** An entry in the order of expiry; without a key, the place before all that expire then. */
export function expiryKey(expires: number, key = ''): Buffer {
  return Buffer.concat([numberBytes(expires), Buffer.from(key)])
}

/** The record that an entry in the order of expiry belongs to. */
export function expiringKey(expiryKey: Buffer): string {
  return expiryKey.toString('utf8', 8)
}

/** What the keys of all records with that value begin with: hashed, so that any text has one length. */
export function valuePrefix(index: string, value: string): Buffer {
  // JSON escapes lone surrogates, which UTF-8 would make equal.
  const digest = hash('sha256', JSON.stringify(value), 'buffer')
  return Buffer.concat([Buffer.from(`${index}\0`), digest])
}

export function indexKey(prefix: Buffer, seq: number): Buffer {
  return Buffer.concat([prefix, numberBytes(seq)])
}

/** The place in the order of creation that an index key ends with. */
export function seqOf(indexKey: Buffer): number {
  return indexKey.readDoubleBE(indexKey.length - 8)
}

/** All keys that begin so; neither UTF-8 nor a number goes on with a byte of 255. */
export function startingWith(prefix: Buffer): { start: Buffer; end: Buffer } {
  return { start: prefix, end: Buffer.concat([prefix, BEHIND_ALL]) }
}

/** All keys of an index. */
export function ofIndex(index: string): { start: Buffer; end: Buffer } {
  return { start: Buffer.from(`${index}\0`), end: Buffer.from(`${index}\x01`) }
}

function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(number)
  return bytes
}
