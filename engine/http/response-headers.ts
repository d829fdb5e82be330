import { validateHeaderName, validateHeaderValue } from 'node:http'

/** The engine says these by itself: whoever reads them twice may take one answer for two. */
const FRAMING: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding'])

/** Whether the header tells where an answer ends, which only the engine knows. */
export function isFraming(name: string): boolean {
  return FRAMING.has(name.toLowerCase())
}

/**
 * The headers that a node puts on every answer, their names in lower case.
 *
 * @throws Error naming the header that cannot be sent, stands twice, or is the engine's own
 */
export function fixedHeaders(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const fixed = new Map<string, string>()
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase()
    const problem = fixed.has(name) ? 'stands twice; keep one of them' : problemOf(name, value)
    if (problem !== undefined) throw new Error(`the header "${given}" ${problem}`)
    fixed.set(name, value)
  }
  return Object.freeze(Object.fromEntries(fixed))
}

function problemOf(name: string, value: string): string | undefined {
  if (isFraming(name)) return 'is set by the gateway itself; remove it'
  if (!passes(() => validateHeaderName(name))) {
    return 'is no header name; use letters, digits and hyphens'
  }
  if (!passes(() => validateHeaderValue(name, value))) {
    return 'has characters in its value that cannot be sent; keep to one line of Latin letters'
  }
  return undefined
}

function passes(validate: () => void): boolean {
  try {
    validate()
    return true
  } catch {
    return false
  }
}
