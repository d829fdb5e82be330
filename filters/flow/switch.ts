import { compileExpression, defineFilter } from '../../engine/index.ts'

export default defineFilter({
  name: 'flow/switch',
  summary: 'Leaves by the edge that bears the value of an expression, or by `*`.',
  config: {
    type: 'object',
    properties: {
      value: {
        $ref: 'expression',
        description:
          'Yields a string, number or boolean; the edge of that name is taken. All else leads to `*`.',
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
      const value = evaluate(message)
      // A client may send a list or an object where a text is looked for.
      return typeof value === 'object' ? '*' : String(value)
    }
  },
})
