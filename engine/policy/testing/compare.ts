import { pointTo, segmentsOf } from '../pointer.ts'

/** Something that is not as it should be. */
export interface Difference {
  /** `body.error`, `status` */
  readonly place: string
  /** For a reader, `"invalid_client"` or `nothing`. */
  readonly expected: string
  readonly actual: string
}

/** What stands for many values in an expectation. */
interface Matcher {
  readonly meaning: string
  readonly fits: (actual: unknown) => boolean
}

const MATCHERS: Readonly<Record<string, (argument: unknown) => Matcher>> = {
  $match: (pattern) => ({
    meaning: `a text that matches ${pattern}`,
    fits: (actual) => typeof actual === 'string' && matches(String(pattern), actual),
  }),
  $type: (type) => ({
    meaning: `a value of type ${type}`,
    fits: (actual) => typeOf(actual) === type,
  }),
  $absent: () => ({ meaning: 'nothing', fits: (actual) => actual === undefined }),
}

/**
 * Where a JSON value is not as expected. In `expected` the object `{"$match": "…"}` stands for any
 * text that matches the regular expression, `{"$type": "number"}` for any value of that JSON type,
 * and `{"$absent": true}` for a member that is not there.
 */
export function compare(
  expected: unknown,
  actual: unknown,
  pointer: string,
): readonly Difference[] {
  const matcher = matcherOf(expected)
  if (matcher) {
    return matcher.fits(actual) ? [] : [difference(pointer, matcher.meaning, show(actual))]
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
  return expected === actual ? [] : [difference(pointer, show(expected), show(actual))]
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

function matcherOf(expected: unknown): Matcher | undefined {
  if (!isObject(expected)) return undefined
  const [[name, argument] = ['', undefined], ...more] = Object.entries(expected)
  if (more.length > 0 || !Object.hasOwn(MATCHERS, name)) return undefined
  return MATCHERS[name]?.(argument)
}

/** Whether it stands for many texts rather than for an object. */
export function isTextMatcher(expected: unknown): boolean {
  return (
    isObject(expected) && Object.hasOwn(expected, '$match') && matcherOf(expected) !== undefined
  )
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
