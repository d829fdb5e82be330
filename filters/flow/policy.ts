import { defineFilter } from '../../engine/index.ts'

export default defineFilter({
  name: 'flow/policy',
  summary: 'Runs another policy on the same message and leaves by the end that it reaches.',
  config: {
    type: 'object',
    properties: {
      policy: { type: 'string', refersTo: 'policy', description: 'Name of the policy to run.' },
    },
    required: ['policy'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  example: { policy: 'oauth/revoke' },
  create(config, services) {
    return services.policy(config.policy)
  },
})
