/** The records and rules of OAuth: what a filter may use of them, ours or a stranger's. */
import './attributes.ts'

export type { CauseOfDeath } from './alive.ts'
export type { Authorizations } from './authorizations.ts'
export {
  type Authentication,
  type ClientRegistry,
  type Registered,
  withoutSecrets,
} from './clients.ts'
export type { CodeOutcome, CodeRequest, Codes, PresentedCode } from './codes.ts'
export { effectiveScopes, type Grant, missingConsent } from './consent.ts'
export { describeClient, describeToken } from './describe.ts'
export {
  errorDescription,
  errorStatus,
  type OAuthError,
  type OAuthErrorCode,
  oauthErrors,
} from './errors.ts'
export { oauthExtension, type TokenStoreEntry } from './extension.ts'
export type { Families } from './families.ts'
export type { Granted, Grants, SecurityEvent, Terms } from './grants.ts'
export type { TokenLookup } from './look-up.ts'
export type {
  Authorization,
  Client,
  ClientDetails,
  Code,
  Family,
  SecretVerifier,
  Token,
} from './records.ts'
export { type Registration, RegistrationError } from './registration.ts'
export type { Revocation, RevokeOptions } from './revocation.ts'
export { formatScopes, intersect, isSubset, parseScopes, resolveScopes } from './scopes.ts'
export { alsoRemoveSetting, registrySetting, tokenStoreSetting } from './settings.ts'
export type { Issued, TokenRequest } from './token-records.ts'
export type { TokenStore } from './token-store.ts'
