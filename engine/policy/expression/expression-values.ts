import { Secret } from '../secret.ts'

/** What an expression reads from: a message, or anything else that has attributes by name. */
export interface AttributeSource {
  has(name: string): boolean
  get(name: string): unknown
}

/** Reads a path from data; `undefined` where there is nothing. */
export type Reader = (data: unknown) => unknown

/** Reads an attribute by the longest name that the message has, and then its own properties. */
export function attributeReader(path: string): Reader {
  const segments = path.split('.')
  const splits = segments.map((_, index) => ({
    name: segments.slice(0, segments.length - index).join('.'),
    rest: segments.slice(segments.length - index),
  }))
  return function readAttribute(data) {
    const message = data as AttributeSource
    for (const { name, rest } of splits) {
      if (message.has(name)) return mask(descend(message.get(name), rest))
    }
    return undefined
  }
}

/** Reads from the element that `map`, `filter`, … hold in hand; the empty path is the element. */
export function elementReader(path: string): Reader {
  const segments = path === '' ? [] : path.split('.')
  return (data) => descend(data, segments)
}

/** Own properties only: what stands on a prototype is code, not data. */
function descend(start: unknown, segments: readonly string[]): unknown {
  let value = start
  for (const segment of segments) {
    if (value === null || value === undefined || value instanceof Secret) return undefined
    if (!Object.hasOwn(value, segment)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[segment]
  }
  return value
}

/** The value with `[secret]` in place of every secret in it; itself if there is none. */
function mask(value: unknown): unknown {
  return holdsSecret(value) ? withoutSecrets(value) : value
}

function holdsSecret(value: unknown): boolean {
  if (value instanceof Secret) return true
  return isContainer(value) && Object.values(value).some(holdsSecret)
}

function withoutSecrets(value: unknown): unknown {
  if (value instanceof Secret) return value.toString()
  if (!isContainer(value)) return value
  if (Array.isArray(value)) return value.map(withoutSecrets)
  const copy: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) copy[key] = withoutSecrets(item)
  return copy
}

/** `in` for whatever a client sends: an object with a property `indexOf` is no list. */
export function contains(item: unknown, whole: unknown): boolean {
  if (Array.isArray(whole)) return whole.indexOf(item) !== -1
  return typeof whole === 'string' && whole.includes(String(asPrimitive(item)))
}

/** What operators can compute with: an object that a client sent could throw when asked for its text. */
export function asPrimitive(value: unknown): unknown {
  if (!isContainer(value)) return value
  return Array.isArray(value) ? value.map(itemText).join(',') : '[object Object]'
}

function itemText(item: unknown): string {
  return item === null || item === undefined ? '' : String(asPrimitive(item))
}

export function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
