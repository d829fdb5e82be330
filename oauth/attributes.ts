import type { Secret } from '../engine/policy/secret.ts'
import type { ClientRegistry } from './clients.ts'
import type { ClientDetails, Token } from './records.ts'
import type { TokenStore } from './token-store.ts'

/** What OAuth adds to the messages and services of the engine. */
declare module '../engine/policy/message.ts' {
  interface Attributes {
    /** The client that authenticated. */
    'oauth.client.details': ClientDetails
    /** The record of the token that the policy issued or checked; its text is nowhere in it. */
    accesstoken: Token
    /** The record of the token that the request is about. */
    'oauth.token.details': Token
    authzcode: Secret
    /** The resource owner. */
    'authentication.subject.id': string
    /** The application of the client that authenticated. */
    'authentication.application.id': string
    /** Scopes of the request's token, or those that a token is requested with. */
    'scopes.in.token': readonly string[]
    /** Scopes that a token is issued with. */
    'scopes.for.token': readonly string[]
    /** Scopes that the request needs. */
    'scopes.required': readonly string[]
  }
}

declare module '../engine/policy/filter.ts' {
  interface Services {
    /** The clients of that table. */
    clients(table: string): ClientRegistry
    /** That token store of `gateway.json`. */
    tokens(store: string): TokenStore
  }
}
