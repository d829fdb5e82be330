import { compileExpression, defineFilter } from '../../engine/index.ts'

/** The engine writes these; a policy that overwrote one, or part of one, would lie to the nodes behind it. */
const RESERVED = /^(request|response|error|fault)(\.|$)/

export default defineFilter({
  name: 'flow/set-attributes',
  summary: 'Sets message attributes to the values of expressions.',
  config: {
    type: 'object',
    properties: {
      attributes: {
        type: 'object',
        additionalProperties: { $ref: 'expression' },
        description: 'Attribute name → expression; all are evaluated before the first is set.',
      },
    },
    required: ['attributes'],
    additionalProperties: false,
  },
  outcomes: ['success'],
  writes: (config) => ({ success: Object.keys(config.attributes) }),
  example: { attributes: { 'scopes.required': ['read'] } },
  create(config) {
    const entries = Object.entries(config.attributes).map(([name, rule]) => {
      if (RESERVED.test(name)) {
        throw new Error(`the attribute ${name} belongs to the engine; choose another name`)
      }
      return [name, compileExpression(rule)] as const
    })
    return function setAttributes(message) {
      const values = entries.map(([name, evaluate]) => [name, evaluate(message)] as const)
      for (const [name, value] of values) message.set(name, value)
      return 'success'
    }
  },
})
