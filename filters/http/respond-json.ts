import { compileExpression, defineFilter, fixedHeaders, Secret } from '../../engine/index.ts'

export default defineFilter({
  name: 'http/respond-json',
  summary: 'Answers with a JSON body, built from expressions or taken from an attribute.',
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
        default: { 'cache-control': 'no-store', pragma: 'no-cache' },
        description: 'Header name → value.',
      },
      body: {
        type: 'object',
        additionalProperties: { $ref: 'expression' },
        description: 'Member name → expression. Secrets stay hidden. Either this or `attribute`.',
      },
      attribute: {
        type: 'string',
        minLength: 1,
        description: 'The attribute that is the body. Secrets in it are sent.',
      },
    },
    additionalProperties: false,
  },
  outcomes: ['success'],
  reads: ({ attribute }) => (attribute === undefined ? [] : [attribute]),
  writes: { success: ['response'] },
  example: { attribute: 'oauth.response' },
  create({ status, headers, body, attribute }) {
    if ((body === undefined) === (attribute === undefined)) {
      throw new Error('give either body or attribute')
    }
    const members = Object.entries(body ?? {}).map(
      ([name, rule]) => [name, compileExpression(rule)] as const,
    )
    const fixed = Object.freeze({ 'content-type': 'application/json', ...fixedHeaders(headers) })
    return function respondJson(message) {
      const value =
        attribute === undefined
          ? Object.fromEntries(members.map(([name, evaluate]) => [name, evaluate(message)]))
          : forClient(message.need(attribute))
      message.set('response', { status, headers: fixed, body: JSON.stringify(value) })
      return 'success'
    }
  },
})

/** The one moment in which a secret leaves for the client that it was made for. */
function forClient(value: unknown): unknown {
  return holdsSecret(value) ? withSecretsRevealed(value) : value
}

function holdsSecret(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof Secret || Object.values(value).some(holdsSecret)
}

function withSecretsRevealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(withSecretsRevealed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withSecretsRevealed(member)]),
  )
}
