import type { Parameters } from '../policy/message.ts'
import { Refusal, refuse } from '../policy/refusal.ts'
import { reveal } from '../policy/secret.ts'
import { isMisuse, type Page, type PageRequest } from '../stores/contract.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/**
 * Fetches the page that a request asks for by its parameters `limit` (1 to 1000, by default 100) and
 * `cursor`. A bad limit, and a cursor that no page has given, are refused with `invalid_request`.
 */
export async function fetchPage<Item>(
  query: Parameters,
  fetch: (request: PageRequest) => Promise<Page<Item>>,
): Promise<Page<Item> | Refusal> {
  const request = readPageRequest(query)
  if (request instanceof Refusal) return request
  try {
    return await fetch(request)
  } catch (error) {
    if (request.cursor === undefined || !isMisuse(error)) throw error
    return refuse('invalid_request', 'the parameter cursor is none that a page has given')
  }
}

function readPageRequest(query: Parameters): PageRequest | Refusal {
  const text = reveal(query.limit)
  const limit = text === undefined ? DEFAULT_LIMIT : readWhole(text)
  if (!(limit >= 1 && limit <= MAX_LIMIT)) {
    return refuse(
      'invalid_request',
      `the parameter limit must be a whole number up to ${MAX_LIMIT}`,
    )
  }
  const cursor = reveal(query.cursor)
  return cursor === undefined ? { limit } : { limit, cursor }
}

/** NaN for what is written otherwise than with digits, such as `0x10` and `1e2`. */
function readWhole(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}
