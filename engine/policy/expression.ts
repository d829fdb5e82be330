import jsonLogic from 'json-logic-js'
import {
  type AttributeSource,
  asPrimitive,
  attributeReader,
  contains,
  elementReader,
  isContainer,
  type Reader,
} from './expression-values.ts'
import { argumentPointer, lintExpression } from './lint-expression.ts'
import { isScoped, namesAskedFor, type Operation, operationOf } from './operators.ts'
import { pointTo } from './pointer.ts'
import type { Expression } from './settings.ts'

export { lintExpression } from './lint-expression.ts'

/** A name that an expression reads, as written: `request.form.scope`. */
export interface ExpressionRead {
  readonly name: string
  /** It has a default, or the expression asks whether it is missing. */
  readonly optional: boolean
  /** Where in the rule the name stands. */
  readonly pointer: string
}

type Work = (data: unknown, ...given: readonly unknown[]) => unknown

/**
 * The one operator that we add to JSON Logic's table, which a whole process shares: it calls a
 * function that stands in the compiled rule. No rule that comes from JSON can hold one.
 */
const CALL = 'sallyport:call'
jsonLogic.add_operation(CALL, function call(this: unknown, work: Work, ...given: unknown[]) {
  return work(this, ...given)
})

/** Operators that turn their arguments into texts or numbers. */
const COMPUTING: ReadonlySet<string> = new Set([
  '>',
  '>=',
  '<',
  '<=',
  '+',
  '-',
  '*',
  '/',
  '%',
  'min',
  'max',
  'cat',
  'substr',
])

/**
 * Makes a function of a JSON Logic rule. It reads attributes by their longest name and own
 * properties only, and sees `[secret]` in place of a secret.
 *
 * @throws TypeError when lint would refuse the rule
 */
export function compileExpression(rule: Expression): (message: AttributeSource) => unknown {
  const [problem] = lintExpression(rule)
  if (problem) throw new TypeError(`${problem.message}; ${problem.remedy}`)
  if (isConstant(rule)) return () => rule
  const compiled = compile(rule, attributeReader)
  return (message) => jsonLogic.apply(compiled, message)
}

function isConstant(rule: unknown): boolean {
  return Array.isArray(rule) ? rule.every(isConstant) : !isContainer(rule)
}

type MakeReader = (path: string) => Reader
type Compiled = Parameters<typeof jsonLogic.apply>[0]

function compile(rule: unknown, reader: MakeReader): Compiled {
  if (Array.isArray(rule)) return rule.map((item) => compile(item, reader)) as unknown as Compiled
  const operation = operationOf(rule)
  return operation ? compileOperation(operation, reader) : (rule as Compiled)
}

function compileOperation(operation: Operation, reader: MakeReader): Compiled {
  const { operator } = operation
  const given = operation.arguments.map((argument, position) =>
    compile(argument, isScoped(operator, position) ? elementReader : reader),
  )
  switch (operator) {
    case 'var':
      return call(readOr(reader(String(operation.arguments[0]))), given[1])
    case 'missing':
      return call(namesMissing(operation, reader))
    case 'missing_some':
      return call(namesMissingOf(operation, reader), given[0])
    case 'in':
      return call((_, item, whole) => contains(item, whole), ...given)
    case '==':
      return call((_, left, right) => looselyEqual(left, right), ...given)
    case '!=':
      return call((_, left, right) => !looselyEqual(left, right), ...given)
    default:
      return { [operator]: COMPUTING.has(operator) ? given.map(primitive) : given } as Compiled
  }
}

function call(work: Work, ...given: readonly unknown[]): Compiled {
  return { [CALL]: [work, ...given] } as unknown as Compiled
}

function primitive(argument: Compiled): Compiled {
  return isContainer(argument) ? call((_, value) => asPrimitive(value), argument) : argument
}

function readOr(read: Reader): Work {
  return function readOnce(data, fallback = null) {
    const value = read(data)
    return value === undefined ? fallback : value
  }
}

/** `==`, but no value that a client sent is asked for its text, and a list or object equals only itself. */
function looselyEqual(left: unknown, right: unknown): boolean {
  if (isContainer(left) && isContainer(right)) return left === right
  return jsonLogic.apply({ '==': [asPrimitive(left), asPrimitive(right)] } as Compiled)
}

function namesMissing(operation: Operation, reader: MakeReader): Work {
  const asked = namesAskedFor(operation).map((name) => ({ name, read: reader(String(name)) }))
  return (data) => asked.filter(({ read }) => isMissing(read(data))).map(({ name }) => name)
}

function namesMissingOf(operation: Operation, reader: MakeReader): Work {
  const asked = namesAskedFor(operation).length
  const missing = namesMissing(operation, reader)
  return (data, needed) => {
    const names = missing(data) as readonly unknown[]
    return asked - names.length >= Number(needed) ? [] : names
  }
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** The names that a rule reads from the message; what it reads from elements in hand is not among them. */
export function expressionReads(rule: Expression): readonly ExpressionRead[] {
  const reads: ExpressionRead[] = []
  collectReads(rule, '', reads)
  return reads
}

function collectReads(rule: unknown, pointer: string, reads: ExpressionRead[]): void {
  if (Array.isArray(rule)) {
    rule.forEach((item, index) => {
      collectReads(item, pointTo(pointer, index), reads)
    })
    return
  }
  const operation = operationOf(rule)
  if (!operation) return
  reads.push(...readsOf(operation, pointer))
  operation.arguments.forEach((argument, position) => {
    if (isScoped(operation.operator, position)) return
    collectReads(argument, argumentPointer(pointer, operation, position), reads)
  })
}

function readsOf(operation: Operation, pointer: string): readonly ExpressionRead[] {
  if (operation.operator === 'var') {
    const [name, fallback] = operation.arguments
    const at = argumentPointer(pointer, operation, 0)
    return [{ name: String(name), optional: fallback !== undefined, pointer: at }]
  }
  if (operation.operator !== 'missing' && operation.operator !== 'missing_some') return []
  const at = pointTo(pointer, operation.operator)
  return namesAskedFor(operation).map((name) => ({
    name: String(name),
    optional: true,
    pointer: at,
  }))
}
