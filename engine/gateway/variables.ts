import { pointTo } from '../policy/pointer.ts'
import type { Problem } from '../policy/problem.ts'
import { asSchema, schemaBelow } from './schema-part.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Substitution {
  readonly value: unknown
  /** JSON Pointer → the variables whose values stand there now. */
  readonly from: ReadonlyMap<string, readonly string[]>
  /** Pointers whose text is nothing but one variable, so that it may become a number or a boolean. */
  readonly whole: ReadonlySet<string>
  /** Variables that are not set, and references that are none. */
  readonly problems: readonly VariableProblem[]
}

export interface VariableProblem extends Problem {
  readonly code: 'unset-variable' | 'bad-variable'
}

const REFERENCE = /\$\{([^}]*)\}?/g
const NAME = /^env\.([A-Za-z_][A-Za-z0-9_]*)$/

/** Puts the values of variables in place of `${env.NAME}`, in texts only. */
export function substituteVariables(root: unknown, env: Environment): Substitution {
  const from = new Map<string, readonly string[]>()
  const whole = new Set<string>()
  const problems: VariableProblem[] = []
  return { value: substitute(root, ''), from, whole, problems }

  function substitute(value: unknown, pointer: string): unknown {
    if (typeof value === 'string') return substituteText(value, pointer)
    if (Array.isArray(value)) {
      return value.map((item, index) => substitute(item, pointTo(pointer, index)))
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, pointTo(pointer, key))]),
    )
  }

  function substituteText(text: string, pointer: string): string {
    const names: string[] = []
    const filled = text.replace(REFERENCE, (reference, inner: string) => {
      const name = reference.endsWith('}') ? NAME.exec(inner)?.[1] : undefined
      if (name === undefined) {
        problems.push(badVariable(reference, pointer))
        return reference
      }
      names.push(name)
      const value = Object.hasOwn(env, name) ? env[name] : undefined
      if (value === undefined) problems.push(unsetVariable(name, pointer))
      return value ?? ''
    })
    if (names.length > 0) from.set(pointer, names)
    if (/^\$\{[^}]*\}$/.test(text)) whole.add(pointer)
    return filled
  }
}

/** Makes a number or a boolean of a text that came wholly from the environment, where the schema wants one. */
export function convertVariables(
  value: unknown,
  schema: unknown,
  whole: ReadonlySet<string>,
  pointer = '',
): unknown {
  if (typeof value === 'string') return whole.has(pointer) ? convert(value, schema) : value
  if (Array.isArray(value)) {
    const { items } = asSchema(schema)
    return value.map((item, index) => convertVariables(item, items, whole, pointTo(pointer, index)))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      convertVariables(item, schemaBelow(schema, key), whole, pointTo(pointer, key)),
    ]),
  )
}

function convert(text: string, schema: unknown): unknown {
  const { type } = asSchema(schema)
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function unsetVariable(name: string, pointer: string): VariableProblem {
  return {
    code: 'unset-variable',
    pointer,
    message: `the environment variable ${name} is not set`,
    remedy: 'set it, or write the value itself',
  }
}

function badVariable(reference: string, pointer: string): VariableProblem {
  return {
    code: 'bad-variable',
    pointer,
    message: `${reference} refers to nothing`,
    remedy: `write \${env.NAME}`,
  }
}
