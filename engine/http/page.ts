import type { Parameters } from '../policy/message.ts'
import { type Refusal, refuse } from '../policy/refusal.ts'
import { reveal } from '../policy/secret.ts'
import type { PageRequest } from '../stores/contract.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/** The page that a request asks for by its parameters `limit` (1 to 1000, by default 100) and `cursor`. */
export function readPage(query: Parameters): PageRequest | Refusal {
  const text = reveal(query.limit)
  const limit = text === undefined ? DEFAULT_LIMIT : Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return refuse(
      'invalid_request',
      `the parameter limit must be a whole number up to ${MAX_LIMIT}`,
    )
  }
  const cursor = reveal(query.cursor)
  return cursor === undefined ? { limit } : { limit, cursor }
}
