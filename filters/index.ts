import type { Filter } from '../engine/index.ts'
import clientAuthenticate from './client/authenticate.ts'
import clientList from './client/list.ts'
import clientRead from './client/read.ts'
import clientRegister from './client/register.ts'
import clientRequire from './client/require.ts'
import clientRequireBasic from './client/require-basic.ts'
import clientSetEnabled from './client/set-enabled.ts'
import flowEvaluate from './flow/evaluate.ts'
import flowPolicy from './flow/policy.ts'
import flowSetAttributes from './flow/set-attributes.ts'
import flowSwitch from './flow/switch.ts'
import httpRespond from './http/respond.ts'
import httpRespondJson from './http/respond-json.ts'
import oauthRespondError from './oauth/respond-error.ts'
import storeLock from './store/lock.ts'
import storePurge from './store/purge.ts'
import storeStatus from './store/status.ts'
import storeUnlock from './store/unlock.ts'
import tokenIntrospect from './token/introspect.ts'
import tokenIssue from './token/issue.ts'
import tokenList from './token/list.ts'
import tokenRemove from './token/remove.ts'
import tokenRevoke from './token/revoke.ts'

/** The filters that come with the package, by name. */
export const standardFilters: readonly Filter[] = [
  clientAuthenticate,
  clientList,
  clientRead,
  clientRegister,
  clientRequire,
  clientRequireBasic,
  clientSetEnabled,
  flowEvaluate,
  flowPolicy,
  flowSetAttributes,
  flowSwitch,
  httpRespond,
  httpRespondJson,
  oauthRespondError,
  storeLock,
  storePurge,
  storeStatus,
  storeUnlock,
  tokenIntrospect,
  tokenIssue,
  tokenList,
  tokenRemove,
  tokenRevoke,
]
