import { defineFilter, fixedHeaders } from '../../engine/index.ts'

export default defineFilter({
  name: 'http/respond',
  summary: 'Answers with a fixed status, headers and body.',
  config: {
    type: 'object',
    properties: {
      status: {
        type: 'integer',
        minimum: 200,
        maximum: 599,
        default: 200,
        description: 'HTTP status.',
      },
      headers: {
        type: 'object',
        additionalProperties: { type: 'string' },
        default: {},
        description: 'Header name → value.',
      },
      body: { type: 'string', default: '', description: 'Sent as it is.' },
    },
    additionalProperties: false,
  },
  outcomes: ['success'],
  writes: { success: ['response'] },
  example: { status: 200, headers: { 'Cache-Control': 'no-store' } },
  create({ status, headers, body }) {
    const response = Object.freeze({ status, headers: fixedHeaders(headers), body })
    return function respond(message) {
      message.set('response', response)
      return 'success'
    }
  },
})
