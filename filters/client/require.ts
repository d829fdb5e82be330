import { defineFilter, refuse } from '../../engine/index.ts'

export default defineFilter({
  name: 'client/require',
  summary: 'Lets only clients pass that are registered for what the settings name.',
  config: {
    type: 'object',
    properties: {
      type: {
        type: 'string',
        enum: ['confidential', 'public'],
        description: 'The client type (RFC 6749 §2.1).',
      },
      grant: {
        type: 'string',
        minLength: 1,
        description: 'A grant type it must be allowed to use.',
      },
      scope: { type: 'string', minLength: 1, description: 'A scope it must be registered for.' },
      privilege: {
        type: 'string',
        minLength: 1,
        description: 'A privilege it must have: `introspect`.',
      },
    },
    // Without any it would let everybody pass.
    minProperties: 1,
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['oauth.client.details'],
  example: { type: 'confidential', grant: 'client_credentials' },
  create({ type, grant, scope, privilege }) {
    return function requireClient(message) {
      const client = message.need('oauth.client.details')
      if (type !== undefined && client.type !== type) {
        return refuse('unauthorized_client', `this needs a ${type} client`)
      }
      if (grant !== undefined && !client.grants.includes(grant)) {
        return refuse('unauthorized_client', `the client is not registered for the grant ${grant}`)
      }
      if (scope !== undefined && !client.scopes.includes(scope)) {
        return refuse('unauthorized_client', `the client is not registered for the scope ${scope}`)
      }
      if (privilege !== undefined && !client.privileges.includes(privilege)) {
        return refuse('unauthorized_client', `the client does not have the privilege ${privilege}`)
      }
      return 'success'
    }
  },
})
