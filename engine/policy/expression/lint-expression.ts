import { pointTo } from '../pointer.ts'
import type { Problem } from '../problem.ts'
import { didYouMean, listNames } from '../suggestion.ts'
import {
  isObject,
  isScoped,
  namesAskedFor,
  OPERATORS,
  type Operation,
  operationOf,
} from './operators.ts'

/** How far operators and lists may be nested. */
const DEPTH = 32
/** How many operators and values one rule may hold. */
const SIZE = 1000

/**
 * Walks a JSON Logic rule, branches that no request may ever take included. JSON Logic itself fails
 * open: it returns an object with two operators as a truthy value.
 */
export function lintExpression(rule: unknown): readonly Problem[] {
  const problems: Problem[] = []
  let size = 0

  function walk(value: unknown, pointer: string, depth: number, ofElement: boolean): void {
    size += 1
    if (size > SIZE) return
    if (depth > DEPTH) {
      problems.push({
        pointer,
        message: `the expression is nested more than ${DEPTH} deep`,
        remedy: 'split it over several nodes',
      })
      return
    }
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        walk(item, pointTo(pointer, index), depth + 1, ofElement)
      })
    } else if (isObject(value)) {
      walkOperation(value, pointer, depth, ofElement)
    }
  }

  function walkOperation(
    value: Readonly<Record<string, unknown>>,
    pointer: string,
    depth: number,
    ofElement: boolean,
  ): void {
    const operation = operationOf(value)
    const problem =
      operation === undefined
        ? notOneOperator(value, pointer)
        : (unknownOperator(operation, pointer) ??
          wrongCount(operation, pointer) ??
          computedName(operation, pointer, ofElement))
    if (problem) problems.push(problem)
    if (operation === undefined) return
    operation.arguments.forEach((argument, position) => {
      const at = argumentPointer(pointer, operation, position)
      walk(argument, at, depth + 1, ofElement || isScoped(operation.operator, position))
    })
  }

  walk(rule, '', 0, false)
  if (size > SIZE) {
    problems.push({
      pointer: '',
      message: `the expression has more than ${SIZE} parts`,
      remedy: 'split it over several nodes',
    })
  }
  return problems
}

/** Where an argument stands below its rule. */
export function argumentPointer(pointer: string, operation: Operation, position: number): string {
  const list = pointTo(pointer, operation.operator)
  return operation.listed ? pointTo(list, position) : list
}

function notOneOperator(value: Readonly<Record<string, unknown>>, pointer: string): Problem {
  const keys = Object.keys(value)
  const found = keys.length === 0 ? 'none' : listNames(keys)
  return {
    pointer,
    message: `an object in an expression has exactly one operator, this one has ${found}`,
    remedy: 'combine conditions with "and" or "or"',
  }
}

function unknownOperator({ operator }: Operation, pointer: string): Problem | undefined {
  if (OPERATORS.has(operator)) return undefined
  return {
    pointer: pointTo(pointer, operator),
    atKey: true,
    message: `unknown operator "${operator}"`,
    remedy: didYouMean(operator, OPERATORS.keys(), `use one of ${listNames(OPERATORS.keys())}`),
  }
}

function wrongCount(operation: Operation, pointer: string): Problem | undefined {
  const { operator, arguments: given } = operation
  const known = OPERATORS.get(operator)
  if (!known || (given.length >= known.least && given.length <= known.most)) return undefined
  return {
    pointer: pointTo(pointer, operator),
    atKey: true,
    message: `the operator "${operator}" takes ${countOf(known)}, not ${given.length}`,
    remedy: `write { "${operator}": [ … ] } with ${countOf(known)}`,
  }
}

function countOf({ least, most }: { least: number; most: number }): string {
  if (most === Number.POSITIVE_INFINITY) return `at least ${plural(least)}`
  return least === most ? plural(least) : `${least} to ${plural(most)}`
}

function plural(count: number): string {
  return count === 1 ? '1 argument' : `${count} arguments`
}

/** A name that a request could compute would let it choose what it reads. */
function computedName(
  operation: Operation,
  pointer: string,
  ofElement: boolean,
): Problem | undefined {
  const { operator } = operation
  const at = pointTo(pointer, operator)
  if (operator === 'var') {
    const [name] = operation.arguments
    if (isName(name) && (ofElement || name !== '')) return undefined
    const place = argumentPointer(pointer, operation, 0)
    return name === ''
      ? {
          pointer: place,
          message: 'the whole message cannot be read',
          remedy: 'name the attribute that is meant',
        }
      : {
          pointer: place,
          message: 'the name that "var" reads is computed',
          remedy: 'write the name itself, such as { "var": "request.method" }',
        }
  }
  if (operator !== 'missing' && operator !== 'missing_some') return undefined
  if (namesAskedFor(operation).every((name) => isName(name) && name !== '')) return undefined
  return {
    pointer: at,
    message: `a name that "${operator}" asks for is computed`,
    remedy: 'write a list of the names themselves',
  }
}

function isName(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isInteger(value)
}
