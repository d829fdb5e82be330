import {
  defineFilter,
  type Fault,
  type Message,
  type Refusal,
  Unavailable,
} from '../../engine/index.ts'
import { errorDescription, errorStatus } from '../../oauth/index.ts'

export default defineFilter({
  name: 'oauth/respond-error',
  summary: 'Answers with an OAuth error (RFC 6749 §5.2): the refusal or fault that led here.',
  config: {
    type: 'object',
    properties: {
      code: { type: 'string', minLength: 1, description: 'Says this instead of what led here.' },
      description: { type: 'string', description: 'Goes with `code`.' },
      status: {
        type: 'integer',
        minimum: 400,
        maximum: 599,
        description: 'Instead of the status that belongs to the code; a fault keeps its own.',
      },
      realm: {
        type: 'string',
        pattern: '^[ !#-\\[\\]-~]*$',
        default: 'sallyport',
        description: 'Realm of the WWW-Authenticate header of a 401.',
      },
    },
    additionalProperties: false,
  },
  outcomes: ['success'],
  reads: ['error?', 'fault?'],
  writes: { success: ['response'] },
  example: { code: 'unsupported_grant_type', description: 'the grant type is not supported' },
  create(config) {
    if (config.description !== undefined && config.code === undefined) {
      throw new Error('a description goes with a code; give both or neither')
    }
    const challenge = `Basic realm="${config.realm}", charset="UTF-8"`
    return function respondError(message) {
      const error = chooseError(config, message)
      const { code, description, retryAfter, status = errorStatus(code) } = error
      message.set('response', {
        status,
        headers: {
          'content-type': 'application/json',
          'cache-control': 'no-store',
          pragma: 'no-cache',
          // RFC 9110 §15.5.2: a 401 always carries a challenge.
          ...(status === 401 && { 'www-authenticate': challenge }),
          ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
        },
        body: JSON.stringify({
          error: code,
          error_description: errorDescription(code, description),
        }),
      })
      return 'success'
    }
  },
})

interface OAuthError {
  readonly code: string
  readonly description?: string | undefined
  /** Absent: the one that belongs to the code. */
  readonly status?: number | undefined
  /** Seconds. */
  readonly retryAfter?: number
}

function chooseError(
  config: { readonly code?: string; readonly description?: string; readonly status?: number },
  message: Message,
): OAuthError {
  const fault: Fault | undefined = message.get('fault')
  // A store that cannot answer has not said no, so that no setting may turn its 503 into one.
  if (fault) return describeFault(fault)
  const { code, description, status } = config
  if (code !== undefined) return { code, description, status }
  const refusal: Refusal | undefined = message.get('error')
  return { code: refusal?.code ?? 'access_denied', description: refusal?.description, status }
}

/** Nothing of the cause but its kind: what went wrong inside is for the log. */
function describeFault({ cause }: Fault): OAuthError {
  return cause instanceof Unavailable
    ? { code: 'temporarily_unavailable', retryAfter: Math.max(1, Math.ceil(cause.retryAfter)) }
    : { code: 'server_error' }
}
