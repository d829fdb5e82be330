import { type Draft, report } from './draft.ts'
import { type ExpressionRead, expressionReads, lintExpression } from './expression.ts'
import { unknownCode, wordsOf } from './lint-codes.ts'
import type { NodeDraft } from './lint-node.ts'
import { lintRequestRead } from './lint-request.ts'
import { pointTo } from './pointer.ts'
import type { Problem } from './problem.ts'
import type { SettingSchema } from './settings.ts'
import { didYouMean, listNames } from './suggestion.ts'

/** The names of what settings may refer to, by kind: `store`, `table`, `policy` … */
export type KnownNames = Readonly<Record<string, ReadonlySet<string>>>

/** A setting that names something else. */
export interface Reference {
  readonly kind: string
  readonly name: string
  readonly pointer: string
}

/** What the settings of a node lead to beyond the node. */
export interface Links {
  readonly policies: readonly Reference[]
  readonly reads: readonly ExpressionRead[]
}

interface Leaf {
  readonly schema: SettingSchema
  readonly value: unknown
  readonly pointer: string
}

/** Looks up what the settings of a node refer to, and walks its expressions. */
export function lintSettings(draft: Draft, node: NodeDraft, known: KnownNames): Links {
  const leaves = [
    ...leavesOf(node.filter.config, node.config, pointTo('/nodes', node.name, 'config')),
  ]
  const references = leaves.flatMap(referenceOf)
  for (const reference of references) lookUp(draft, node, reference, known)
  return {
    policies: references.filter(({ kind }) => kind === 'policy'),
    reads: leaves.filter(isExpression).flatMap((leaf) => lintRule(draft, node, leaf)),
  }
}

/** All settings that hold no further ones. What does not fit its schema is passed over. */
function* leavesOf(schema: SettingSchema, value: unknown, pointer: string): Iterable<Leaf> {
  if (value === undefined) return
  if ('$ref' in schema || (schema.type !== 'array' && schema.type !== 'object')) {
    yield { schema, value, pointer }
  } else if (schema.type === 'array') {
    if (!Array.isArray(value)) return
    for (const [index, item] of value.entries()) {
      yield* leavesOf(schema.items, item, pointTo(pointer, index))
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const inner =
        'properties' in schema ? own(schema.properties, key) : schema.additionalProperties
      if (inner) yield* leavesOf(inner, item, pointTo(pointer, key))
    }
  }
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function isExpression({ schema }: Leaf): boolean {
  return '$ref' in schema
}

function referenceOf({ schema, value, pointer }: Leaf): readonly Reference[] {
  if (!('refersTo' in schema) || !schema.refersTo || typeof value !== 'string') return []
  return [{ kind: schema.refersTo, name: value, pointer }]
}

function lookUp(draft: Draft, node: NodeDraft, reference: Reference, known: KnownNames): void {
  const { kind, name, pointer } = reference
  const names = known[kind] ?? new Set()
  if (names.has(name)) return
  const words = wordsOf(kind)
  report(draft, unknownCode(kind), {
    pointer,
    message: `node "${node.name}" (${node.filter.name}) names the unknown ${words} "${name}"`,
    remedy: didYouMean(
      name,
      names,
      names.size === 0 ? `there is no ${words} yet` : `known are ${listNames(names)}`,
    ),
  })
}

function lintRule(draft: Draft, node: NodeDraft, leaf: Leaf): readonly ExpressionRead[] {
  const problems = problemsOf(leaf.value)
  for (const problem of problems) {
    report(draft, 'bad-expression', {
      ...problem,
      pointer: leaf.pointer + problem.pointer,
      message: `node "${node.name}" (${node.filter.name}): ${problem.message}`,
    })
  }
  if (problems.length > 0) return []
  return expressionReads(leaf.value).map((read) => ({
    ...read,
    pointer: leaf.pointer + read.pointer,
  }))
}

function problemsOf(rule: unknown): readonly Problem[] {
  const problems = lintExpression(rule)
  // What is no expression has no reads.
  if (problems.length > 0) return problems
  return expressionReads(rule).flatMap((read) => lintRequestRead(read) ?? [])
}
