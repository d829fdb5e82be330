import type { Parameters, ParameterValue } from '../policy/message.ts'
import { Secret } from '../policy/secret.ts'
import { BadInput } from './bad-input.ts'
import { Bare } from './bare.ts'

const MOST_PARAMETERS = 100

/** What is special about parameters, by their names. */
export interface ParameterRules {
  /** Their values arrive as `Secret`. */
  readonly confidential: ReadonlySet<string>
  /** May be sent several times; they are lists even when sent once. */
  readonly repeatable: ReadonlySet<string>
}

export const NO_PARAMETERS: Parameters = Object.freeze(Object.create(null))

type Collected = Record<string, ParameterValue>

/**
 * Reads a query string or an `application/x-www-form-urlencoded` body. Stricter than
 * `URLSearchParams`, which guesses at what is malformed and keeps duplicates.
 */
export function parseParameters(text: string, rules: ParameterRules): Parameters | BadInput {
  if (text === '') return NO_PARAMETERS
  const parameters: Collected = new Bare()
  let count = 0
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('&', start)
    if (end === -1) end = text.length
    if (end === start) continue
    count += 1
    if (count > MOST_PARAMETERS) return tooMany()
    const problem = addPair(parameters, text.slice(start, end), rules)
    if (problem) return problem
  }
  return parameters
}

/** Takes over what somebody's body parser has made of a form; what it nested cannot be told apart any more. */
export function adoptParameters(parsed: object, rules: ParameterRules): Parameters | BadInput {
  const pairs = Object.entries(parsed).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, value] as const],
  )
  if (pairs.length > MOST_PARAMETERS) return tooMany()
  const parameters: Collected = new Bare()
  for (const [name, value] of pairs) {
    if (typeof value !== 'string') {
      return new BadInput(400, 'nested-parameter', `the parameter ${quote(name)} is not a text`)
    }
    const problem = add(parameters, name, value, rules)
    if (problem) return problem
  }
  return parameters
}

function addPair(parameters: Collected, pair: string, rules: ParameterRules): BadInput | undefined {
  const equals = pair.indexOf('=')
  const name = decode(equals === -1 ? pair : pair.slice(0, equals))
  const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
  if (name === undefined || value === undefined) {
    return new BadInput(
      400,
      'malformed-parameter',
      'a parameter is not valid percent-encoded UTF-8',
    )
  }
  return add(parameters, name, value, rules)
}

function add(
  parameters: Collected,
  name: string,
  value: string,
  rules: ParameterRules,
): BadInput | undefined {
  const before = parameters[name]
  const isSecret = rules.confidential.has(name)
  if (!isSecret && rules.repeatable.has(name)) {
    parameters[name] = Array.isArray(before) ? [...before, value] : [value]
  } else {
    if (before !== undefined) return repeated(name)
    parameters[name] = isSecret ? new Secret(value) : value
  }
  return undefined
}

function decode(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

function repeated(name: string): BadInput {
  return new BadInput(
    400,
    'repeated-parameter',
    `the parameter ${quote(name)} is sent more than once`,
  )
}

function tooMany(): BadInput {
  return new BadInput(
    400,
    'too-many-parameters',
    `more than ${MOST_PARAMETERS} parameters are sent`,
  )
}

function quote(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}...` : name
}
