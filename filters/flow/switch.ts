import { compileExpression, defineFilter } from '../../engine/index.ts'

export default defineFilter({
  name: 'flow/switch',
  summary: 'Leaves by the edge that bears the value of an expression, or by `*`.',
  config: {
    type: 'object',
    properties: {
      value: {
        $ref: 'expression',
        description: 'Yields a string, number or boolean; the edge of that name is taken.',
      },
    },
    required: ['value'],
    additionalProperties: false,
  },
  outcomes: 'open',
  example: { value: { var: ['request.form.grant_type', ''] } },
  create(config) {
    const evaluate = compileExpression(config.value)
    return function chooseEdge(message) {
      return String(evaluate(message))
    }
  },
})
