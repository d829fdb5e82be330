import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { freezeDeeply } from './freeze.ts'
import type { Problem } from './problem.ts'
import { describeErrors } from './schema-problem.ts'

/** A value held against a schema. */
export interface Checked {
  /** A copy of the value with the defaults of the schema filled in, frozen to its depths. */
  readonly value: unknown
  /** Empty when the value fits. */
  readonly problems: readonly Problem[]
}

const ajv = new Ajv({
  allErrors: true,
  strict: true,
  useDefaults: true,
  verbose: true,
  // The schemas are literals of our own shape; a keyword misspelt in one is refused all the same.
  meta: false,
  validateSchema: false,
  logger: false,
  // It would take longer than all checks with its result: most schemas are used once or twice.
  code: { optimize: false },
})
ajv.addKeyword('refersTo')
ajv.addSchema({}, 'expression')

const compiled = new WeakMap<object, ValidateFunction>()

/**
 * Holds a value against a schema, compiled when it is first asked for.
 *
 * @param noun what the schema's properties are to the reader: a setting, a key
 * @throws Error when the schema itself is wrong
 */
export function checkAgainst(schema: object, value: unknown, noun = 'setting'): Checked {
  const validate = compiled.get(schema) ?? compileSchema(schema)
  // ajv writes defaults into what it checks, so it gets a copy.
  const copy = structuredClone(value)
  const errors: readonly ErrorObject[] = validate(copy) ? [] : (validate.errors ?? [])
  return { value: freezeDeeply(copy), problems: describeErrors(errors, noun) }
}

function compileSchema(schema: object): ValidateFunction {
  const validate = ajv.compile(schema)
  compiled.set(schema, validate)
  return validate
}
