import { Secret } from '../policy/secret.ts'
import { BadInput } from './bad-input.ts'

const DEEPEST = 32

/**
 * Makes a JSON value from outside safe to look names up in: no object inherits anything, what bears
 * a confidential name is a `Secret`, and the depth is bounded.
 */
export function guardJson(value: unknown, confidential: ReadonlySet<string>): unknown | BadInput {
  if (isDeeper(value, DEEPEST)) {
    return new BadInput(400, 'too-deep', `the JSON is nested deeper than ${DEEPEST} levels`)
  }
  return guard(value, confidential)
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1))
}

function guard(value: unknown, confidential: ReadonlySet<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => guard(item, confidential))
  const safe: Record<string, unknown> = Object.create(null)
  for (const [name, item] of Object.entries(value)) {
    const isSecret = typeof item === 'string' && confidential.has(name)
    safe[name] = isSecret ? new Secret(item) : guard(item, confidential)
  }
  return safe
}
