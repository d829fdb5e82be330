import { defineFilter, parseBasic, refuse, reveal } from '../../engine/index.ts'

export default defineFilter({
  name: 'client/require-basic',
  summary: 'Lets only those pass who know a credential of the gateway, by HTTP Basic (RFC 7617).',
  config: {
    type: 'object',
    properties: {
      user: {
        type: 'string',
        minLength: 1,
        default: 'admin',
        description: 'The user name to expect.',
      },
      credential: {
        type: 'string',
        refersTo: 'credential',
        default: 'admin',
        description: 'The credential of the gateway that the password must equal.',
      },
    },
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  reads: ['request'],
  example: { user: 'admin', credential: 'admin' },
  create({ user, credential }, services) {
    const verify = services.credential(credential)
    return function requireBasic({ request }) {
      const presented = parseBasic(reveal(request.headers.authorization) ?? '')
      // Both are looked at, so that the time tells nothing about the user name.
      const secretFits = verify(presented?.password.reveal() ?? '')
      return secretFits && presented?.user === user
        ? 'success'
        : refuse('invalid_client', 'this needs the credential of an administrator, by HTTP Basic')
    }
  },
})
