import type { Parameters, ParameterValue } from '../policy/message.ts'
import { Secret } from '../policy/secret.ts'
import { BadInput } from './bad-input.ts'
import { Bare } from './bare.ts'

const MOST_PARAMETERS = 100

/** The one parameter that may be sent several times (RFC 8707 §2); it is a list even when sent once. */
const REPEATABLE = 'resource'

export const NO_PARAMETERS: Parameters = Object.freeze(Object.create(null))

type Collected = Record<string, ParameterValue>

/**
 * Reads a query string or an `application/x-www-form-urlencoded` body. Stricter than
 * `URLSearchParams`, which guesses at what is malformed and keeps duplicates.
 */
export function parseParameters(
  text: string,
  confidential: ReadonlySet<string>,
): Parameters | BadInput {
  if (text === '') return NO_PARAMETERS
  const parameters: Collected = new Bare()
  let count = 0
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('&', start)
    if (end === -1) end = text.length
    if (end === start) continue
    count += 1
    if (count > MOST_PARAMETERS) return tooMany()
    const problem = addPair(parameters, text.slice(start, end), confidential)
    if (problem) return problem
  }
  return parameters
}

/** Takes over what somebody's body parser has made of a form; what it nested cannot be told apart any more. */
export function adoptParameters(
  parsed: object,
  confidential: ReadonlySet<string>,
): Parameters | BadInput {
  const pairs = Object.entries(parsed).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, value] as const],
  )
  if (pairs.length > MOST_PARAMETERS) return tooMany()
  const parameters: Collected = new Bare()
  for (const [name, value] of pairs) {
    if (typeof value !== 'string') {
      return new BadInput(400, 'nested-parameter', `the parameter ${quote(name)} is not a text`)
    }
    const problem = add(parameters, name, value, confidential)
    if (problem) return problem
  }
  return parameters
}

function addPair(
  parameters: Collected,
  pair: string,
  confidential: ReadonlySet<string>,
): BadInput | undefined {
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
  return add(parameters, name, value, confidential)
}

function add(
  parameters: Collected,
  name: string,
  value: string,
  confidential: ReadonlySet<string>,
): BadInput | undefined {
  const before = parameters[name]
  if (confidential.has(name)) {
    if (before !== undefined) return repeated(name)
    parameters[name] = new Secret(value)
  } else if (name === REPEATABLE) {
    parameters[name] = Array.isArray(before) ? [...before, value] : [value]
  } else {
    if (before !== undefined) return repeated(name)
    parameters[name] = value
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
