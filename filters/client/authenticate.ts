import {
  defineFilter,
  type Message,
  type Parameters,
  parseBasic,
  Refusal,
  refuse,
  reveal,
  Secret,
} from '../../engine/index.ts'
import { registrySetting } from '../../oauth/index.ts'

type Place = 'authorization-header' | 'form' | 'authorization-header-or-form' | 'query-string'

export default defineFilter({
  name: 'client/authenticate',
  summary: 'Finds out which client application sends the request (RFC 6749 §2.3).',
  config: {
    type: 'object',
    properties: {
      from: {
        type: 'string',
        enum: ['authorization-header', 'form', 'authorization-header-or-form', 'query-string'],
        default: 'authorization-header',
        description:
          'Where the credentials are. In a query string they end up in logs: RFC 6749 §2.3.1 forbids it.',
      },
      clientIdField: {
        type: 'string',
        minLength: 1,
        default: 'client_id',
        description: 'Field of the form or query string that holds the client id.',
      },
      clientSecretField: {
        type: 'string',
        minLength: 1,
        default: 'client_secret',
        description: 'Field of the form or query string that holds the client secret.',
      },
      publicClients: {
        type: 'boolean',
        default: false,
        description: 'Lets public clients identify themselves by their id alone, in the form.',
      },
      registry: registrySetting,
    },
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['request'],
  writes: { success: ['oauth.client.details', 'authentication.application.id'] },
  confidential: ({ clientSecretField }) => [clientSecretField, 'client_secret'],
  example: { from: 'authorization-header', registry: 'ClientApplicationRegistry' },
  create(config, services) {
    const clients = services.clients(config.registry)
    const { publicClients } = config
    if (config.from === 'query-string') {
      if (publicClients) {
        throw new Error(
          'publicClients needs credentials from the form; set it to false, or change from',
        )
      }
      services.log.warn(
        { filter: 'client/authenticate' },
        'client credentials are taken from the query string, where proxies and browsers log them',
      )
    }
    return async function authenticateClient(message) {
      const credentials = readCredentials(message, config)
      if (credentials instanceof Refusal) return credentials
      const { clientId, secret } = credentials
      const result = await clients.authenticate(clientId, secret?.reveal())
      if (result.client === undefined) return reject(result.because)
      const { client } = result
      if (client.type === 'public' && !publicClients) return reject('public clients are not let in')
      message.set('oauth.client.details', client)
      message.set('authentication.application.id', client.applicationId)
      return 'success'
    }
  },
})

interface Credentials {
  readonly clientId: string
  /** Absent where a client only identifies itself. */
  readonly secret?: Secret
}

interface Fields {
  readonly from: Place
  readonly clientIdField: string
  readonly clientSecretField: string
}

/** One text for every cause: who guesses learns nothing from it. */
function reject(detail: string | undefined): Refusal {
  return refuse('invalid_client', 'client authentication failed', detail)
}

function readCredentials({ request }: Message, fields: Fields): Credentials | Refusal {
  const { from, clientIdField, clientSecretField } = fields
  const parameters = from === 'query-string' ? request.query : request.form
  const clientId = reveal(parameters[clientIdField]) || undefined
  const secret = reveal(parameters[clientSecretField]) || undefined
  const authorization = reveal(request.headers.authorization)

  if (from !== 'query-string' && holdsSecret(request.query, clientSecretField)) {
    return refuse('invalid_request', 'client credentials do not belong into the query string')
  }
  const isInFormToo = from === 'query-string' && holdsSecret(request.form, clientSecretField)
  if (secret !== undefined && (authorization !== undefined || isInFormToo)) {
    return refuse('invalid_request', 'the client authenticates in more than one way')
  }
  if (authorization !== undefined && from.startsWith('authorization-header')) {
    return readHeader(authorization, clientId)
  }
  if (from === 'authorization-header' && secret !== undefined) {
    return refuse('invalid_client', 'client credentials belong into the Authorization header')
  }
  if (clientId === undefined) {
    return refuse('invalid_client', `client authentication is missing: ${whereTo(fields)}`)
  }
  return secret === undefined ? { clientId } : { clientId, secret: new Secret(secret) }
}

/** A parameter without a value counts as omitted (RFC 6749 §3.2). */
function holdsSecret(parameters: Parameters, field: string): boolean {
  return Boolean(reveal(parameters[field]) || reveal(parameters.client_secret))
}

function whereTo({ from, clientIdField, clientSecretField }: Fields): string {
  const parameters = `${clientIdField} and ${clientSecretField}`
  return {
    'authorization-header': 'use HTTP Basic',
    form: `send ${parameters} in the form body`,
    'authorization-header-or-form': `use HTTP Basic, or send ${parameters} in the form body`,
    'query-string': `send ${parameters} in the query string`,
  }[from]
}

function readHeader(authorization: string, claimedId: string | undefined): Credentials | Refusal {
  const basic = parseBasic(authorization)
  const clientId = basic && decodeFormValue(basic.user)
  const secret = basic && decodeFormValue(basic.password.reveal())
  if (!clientId || secret === undefined) {
    return refuse(
      'invalid_client',
      'the Authorization header holds no well-formed Basic credentials',
    )
  }
  if (claimedId !== undefined && claimedId !== clientId) {
    return refuse('invalid_request', 'the client ids in header and body differ')
  }
  return { clientId, secret: new Secret(secret) }
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they become Basic credentials. */
function decodeFormValue(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
