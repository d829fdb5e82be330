/** How many arguments an operator takes, and whether its second one speaks of elements of its first. */
export interface Operator {
  readonly least: number
  readonly most: number
  readonly scoped?: true
}

const exactly = (count: number): Operator => ({ least: count, most: count })
const between = (least: number, most: number): Operator => ({ least, most })
const atLeast = (least: number): Operator => ({ least, most: Number.POSITIVE_INFINITY })

/** The operators of JSON Logic that a policy may use: all but `log`, which prints, and `method`, which calls. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['var', between(1, 2)],
  ['missing', atLeast(1)],
  ['missing_some', exactly(2)],
  ['if', atLeast(2)],
  ['?:', atLeast(2)],
  ['and', atLeast(1)],
  ['or', atLeast(1)],
  ['!', exactly(1)],
  ['!!', exactly(1)],
  ['==', exactly(2)],
  ['===', exactly(2)],
  ['!=', exactly(2)],
  ['!==', exactly(2)],
  ['>', exactly(2)],
  ['>=', exactly(2)],
  ['<', between(2, 3)],
  ['<=', between(2, 3)],
  ['+', atLeast(1)],
  ['-', between(1, 2)],
  ['*', atLeast(2)],
  ['/', exactly(2)],
  ['%', exactly(2)],
  ['min', atLeast(1)],
  ['max', atLeast(1)],
  ['in', exactly(2)],
  ['cat', atLeast(1)],
  ['substr', between(2, 3)],
  ['merge', atLeast(1)],
  ['map', { ...exactly(2), scoped: true }],
  ['filter', { ...exactly(2), scoped: true }],
  ['all', { ...exactly(2), scoped: true }],
  ['some', { ...exactly(2), scoped: true }],
  ['none', { ...exactly(2), scoped: true }],
  ['reduce', { ...between(2, 3), scoped: true }],
])

/** `{ "operator": arguments }` taken apart; one argument may stand without its list. */
export interface Operation {
  readonly operator: string
  readonly arguments: readonly unknown[]
  /** Whether the arguments stood in a list, and so have places in it. */
  readonly listed: boolean
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Takes an object with exactly one key apart; `undefined` for every other value. */
export function operationOf(rule: unknown): Operation | undefined {
  if (!isObject(rule)) return undefined
  const entries = Object.entries(rule)
  const [entry] = entries
  if (entry === undefined || entries.length > 1) return undefined
  const [operator, given] = entry
  const listed = Array.isArray(given)
  return { operator, arguments: listed ? given : [given], listed }
}

/** Whether that argument is evaluated once per element, with the element as its data. */
export function isScoped(operator: string, position: number): boolean {
  return position === 1 && OPERATORS.get(operator)?.scoped === true
}

/** The names that `missing` and `missing_some` ask for, where they are literal. */
export function namesAskedFor(operation: Operation): readonly unknown[] {
  const [first, second] = operation.arguments
  if (operation.operator === 'missing_some') return Array.isArray(second) ? second : [second]
  return Array.isArray(first) ? first : operation.arguments
}
