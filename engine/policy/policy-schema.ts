import type { Filter } from './filter.ts'

const node = {
  type: 'object',
  properties: {
    filter: { type: 'string', description: 'What the node does: the name of a filter.' },
    config: { type: 'object', description: 'The settings of the filter.' },
    on: {
      type: 'object',
      description: 'For each outcome of the filter a node, @success or @failure.',
      minProperties: 1,
      additionalProperties: { type: 'string' },
    },
    note: { type: 'string', description: 'For whoever reads the policy.' },
  },
  required: ['filter', 'on'],
  additionalProperties: false,
} as const

/** The shape of a policy file: what can be said of it without knowing any filter. */
export const POLICY_SHAPE = {
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    description: { type: 'string', description: 'What the policy does.', minLength: 1 },
    service: {
      type: 'string',
      description: 'The service under which its use is counted. The name of the policy if absent.',
      minLength: 1,
    },
    start: { type: 'string', description: 'The node that a request enters by.' },
    fault: {
      type: 'string',
      description: 'The node to which a surprise leads. The gateway answers by itself if absent.',
    },
    timeLimit: {
      type: 'integer',
      description: 'Milliseconds that a run may take, 1 to 60000.',
      minimum: 1,
      maximum: 60_000,
      default: 10_000,
    },
    nodes: {
      type: 'object',
      description: 'The nodes by name: lower-case letters, digits and hyphens.',
      minProperties: 1,
      maxProperties: 1000,
      propertyNames: { type: 'string', pattern: '^[a-z][a-z0-9-]*$' },
      additionalProperties: node,
    },
  },
  required: ['description', 'start', 'nodes'],
  additionalProperties: false,
} as const

/** A policy file that fits its shape. */
export interface PolicyFile {
  readonly description: string
  readonly service?: string
  readonly start: string
  readonly fault?: string
  readonly timeLimit: number
  readonly nodes: Readonly<Record<string, NodeFile>>
}

export interface NodeFile {
  readonly filter: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly on: Readonly<Record<string, string>>
}

const EXPRESSION = '#/definitions/expression'

/** The whole JSON Schema (draft-07) of a policy file over these filters, for editors. */
export function policySchema(filters: readonly Filter[]): object {
  const { nodes } = POLICY_SHAPE.properties
  const anyNode = { oneOf: filters.map(nodeOf) }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sallyport policy',
    ...POLICY_SHAPE,
    properties: { ...POLICY_SHAPE.properties, nodes: { ...nodes, additionalProperties: anyNode } },
    definitions: { expression: { description: 'A JSON Logic rule.' } },
  }
}

function nodeOf({ name, summary, config, outcomes }: Filter): object {
  const needsConfig = Boolean(config.required?.length || config.minProperties)
  return {
    ...node,
    title: name,
    description: summary,
    properties: {
      filter: { const: name },
      config: forEditors(config),
      on: { ...node.properties.on, ...edgesOf(outcomes) },
      note: node.properties.note,
    },
    required: needsConfig ? [...node.required, 'config'] : node.required,
  }
}

function edgesOf(outcomes: Filter['outcomes']): object {
  const edge = { type: 'string' }
  if (outcomes === 'open') return { properties: { '*': edge }, required: ['*'] }
  return {
    properties: Object.fromEntries(outcomes.map((outcome) => [outcome, edge])),
    required: outcomes,
    additionalProperties: false,
  }
}

/** The schema of the settings without our own keyword, and with a reference that editors can follow. */
function forEditors(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(forEditors)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).filter(([key]) => key !== 'refersTo')
  return Object.fromEntries(
    entries.map(([key, value]) =>
      key === '$ref' && value === 'expression' ? [key, EXPRESSION] : [key, forEditors(value)],
    ),
  )
}
