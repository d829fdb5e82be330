/** What a filter may use of the engine; the package gives the same to strangers. */
export type { Extension, ExtensionContext, KeyRing } from './gateway/extension.ts'
export { type BasicCredentials, parseBasic } from './http/basic.ts'
export { fetchPage } from './http/page.ts'
export { fixedHeaders } from './http/response-headers.ts'
export { compileExpression } from './policy/expression/expression.ts'
export { DeadlineExceeded, type Fault, Unavailable } from './policy/fault.ts'
export {
  type AttributeList,
  defineFilter,
  type Ending,
  type Filter,
  type FilterDefinition,
  type KeptStore,
  type Logger,
  type Services,
  type Step,
  type SubPolicy,
} from './policy/filter.ts'
export type {
  Attributes,
  AttributeValue,
  HttpRequest,
  HttpResponse,
  Message,
  Parameters,
  ParameterValue,
} from './policy/message.ts'
export { Refusal, refuse } from './policy/refusal.ts'
export { reveal, Secret } from './policy/secret.ts'
export type { Expression, Infer, ObjectSchema, SettingSchema } from './policy/settings.ts'
export {
  type Health,
  KEEP,
  type Page,
  type PageRequest,
  REMOVE,
  type Size,
  type StoredRecord,
} from './stores/contract.ts'
export { purgeAll } from './stores/purge.ts'
export { readTogether } from './stores/read-together.ts'
export type { Change, Row, Store } from './stores/store.ts'
export type { LockRecord, LockState, StoreLock } from './stores/store-lock.ts'
