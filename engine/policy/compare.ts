import { pointTo, segmentsOf } from './pointer.ts'

/** Something that is not as it should be. */
export interface Difference {
  /** `body.error`, `status` */
  readonly place: string
  /** For a reader, `"invalid_client"` or `nothing`. */
  readonly expected: string
  readonly actual: string
}

/**
 * Where a JSON value is not as expected. In `expected` the object `{"$match": "…"}` stands for any
 * text that matches the regular expression, and `{"$absent": true}` for a member that is not there.
 */
export function compare(
  expected: unknown,
  actual: unknown,
  pointer: string,
): readonly Difference[] {
  const pattern = patternOf(expected)
  if (pattern !== undefined) {
    return matches(pattern, actual)
      ? []
      : [difference(pointer, `a text that matches ${pattern}`, show(actual))]
  }
  if (isAbsent(expected)) {
    return actual === undefined ? [] : [difference(pointer, 'nothing', show(actual))]
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const longest = Math.max(expected.length, actual.length)
    return Array.from({ length: longest }, (_, index) => index).flatMap((index) =>
      compareMember(expected, actual, index, pointer),
    )
  }
  if (isObject(expected) && isObject(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
    return [...names].flatMap((name) => compareMember(expected, actual, name, pointer))
  }
  return Object.is(expected, actual) ? [] : [difference(pointer, show(expected), show(actual))]
}

export function difference(pointer: string, expected: string, actual: string): Difference {
  return { place: segmentsOf(pointer).join('.'), expected, actual }
}

export function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function matches(pattern: string, actual: unknown): boolean {
  try {
    return typeof actual === 'string' && new RegExp(pattern, 'u').test(actual)
  } catch {
    // What is no regular expression matches nothing.
    return false
  }
}

function compareMember(
  expected: object,
  actual: object,
  name: string | number,
  pointer: string,
): readonly Difference[] {
  return compare(memberOf(expected, name), memberOf(actual, name), pointTo(pointer, name))
}

function memberOf(object: object, name: string | number): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined
}

/** The regular expression of a `{"$match": "…"}`. */
export function patternOf(expected: unknown): string | undefined {
  if (!isObject(expected) || Object.keys(expected).length !== 1) return undefined
  const pattern = memberOf(expected, '$match')
  return typeof pattern === 'string' ? pattern : undefined
}

function isAbsent(expected: unknown): boolean {
  return isObject(expected) && memberOf(expected, '$absent') === true
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
