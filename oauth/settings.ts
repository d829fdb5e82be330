import type { StringSchema } from '../engine/policy/settings.ts'

/** The setting by which a filter chooses its clients. */
export const registrySetting = {
  type: 'string',
  refersTo: 'table',
  default: 'ClientApplicationRegistry',
  description: 'The table in which client applications are registered.',
} as const satisfies StringSchema

/** The setting by which a filter chooses its tokens; it has no default. */
export const tokenStoreSetting = {
  type: 'string',
  refersTo: 'tokenStore',
  description: 'The token store that keeps the tokens.',
} as const satisfies StringSchema

/** The setting of filters that revoke; its values are those of `RevokeOptions`. */
export const alsoRemoveSetting = {
  type: 'string',
  enum: ['nothing', 'refresh', 'authorization'],
  default: 'nothing',
  description:
    'What goes with an access token: nothing, its refresh token, or the whole authorization of client and owner.',
} as const satisfies StringSchema
