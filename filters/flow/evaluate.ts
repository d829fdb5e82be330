import { compileExpression, defineFilter } from '../../engine/index.ts'

export default defineFilter({
  name: 'flow/evaluate',
  summary: 'Succeeds if an expression is true, fails if it is false.',
  config: {
    type: 'object',
    properties: {
      condition: {
        $ref: 'expression',
        description: 'Must yield true or false; whatever else it yields is a fault.',
      },
    },
    required: ['condition'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  example: { condition: { '==': [{ var: 'request.method' }, 'POST'] } },
  create(config) {
    const evaluate = compileExpression(config.condition)
    return function evaluateCondition(message) {
      const value = evaluate(message)
      // JSON Logic calls many things truthy; a condition that guards something must not.
      if (typeof value !== 'boolean') {
        throw new TypeError(`the condition yielded ${describe(value)}, not true or false`)
      }
      return value ? 'success' : 'failure'
    }
  },
})

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
}
