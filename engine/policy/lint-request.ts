import type { ExpressionRead } from './expression.ts'
import type { HttpRequest } from './message.ts'
import type { Problem } from './problem.ts'
import { didYouMean, listNames } from './suggestion.ts'

const MEMBERS: Readonly<Record<keyof HttpRequest, true>> = {
  address: true,
  contentType: true,
  form: true,
  headers: true,
  id: true,
  json: true,
  method: true,
  origin: true,
  params: true,
  path: true,
  query: true,
}
const NAMES = Object.keys(MEMBERS)

/**
 * What an expression asks of `request` that no request has: it would yield nothing for ever, and a
 * comparison with nothing may let everybody through.
 */
export function lintRequestRead({ name, pointer }: ExpressionRead): Problem | undefined {
  const [attribute, member, field] = name.split('.')
  if (attribute !== 'request' || member === undefined) return undefined
  if (!Object.hasOwn(MEMBERS, member)) {
    return {
      pointer,
      message: `the request has no member "${member}"`,
      remedy: didYouMean(member, NAMES, `its members are ${listNames(NAMES)}`),
    }
  }
  if (member === 'headers' && field !== undefined && field !== field.toLowerCase()) {
    return {
      pointer,
      message: `the name of the header "${field}" has capitals, which no header has here`,
      remedy: `write "request.headers.${field.toLowerCase()}"`,
    }
  }
  return undefined
}
