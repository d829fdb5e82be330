import type { Page, PageRequest } from '../engine/stores/contract.ts'
import type { Row, Store } from '../engine/stores/store.ts'
import { type Authorizations, authorizations as bindAuthorizations } from './authorizations.ts'
import { codes as bindCodes, type Codes } from './codes.ts'
import type { Announce } from './endings.ts'
import { families as bindFamilies, type Families } from './families.ts'
import { type Grants, grants, type SecurityEvent } from './grants.ts'
import { listLiving, lookUpToken, type TokenLookup, type TokenRecords } from './look-up.ts'
import type { Code, Token } from './records.ts'
import { type Revoker, revoker } from './revocation.ts'
import { type Issued, makeToken, type TokenRequest } from './token-records.ts'

type PageOfTokens = Omit<PageRequest, 'total'>

/**
 * A token store of `gateway.json`: tokens together with the clients, authorizations and families
 * that they hang on. Where a store cannot answer, every method throws `Unavailable`.
 */
export interface TokenStore extends Revoker, Grants {
  readonly name: string
  readonly authorizations: Authorizations
  readonly families: Families
  readonly codes: Codes
  /** Issues one token. What belongs to a grant with several of them is for `start`. */
  issue(request: TokenRequest): Promise<Issued>
  lookUp(text: string): Promise<TokenLookup>
  /** Living tokens only; a page may be short though there is a next one. */
  listByClient(clientId: string, page: PageOfTokens): Promise<Page<Row<Token>>>
  listByOwner(owner: string, page: PageOfTokens): Promise<Page<Row<Token>>>
  /** By `Authorization.id`. */
  listByAuthorization(id: string, page: PageOfTokens): Promise<Page<Row<Token>>>
}

/** Properties by which the records of a token store are found. */
export const indexes = {
  tokens: ['client', 'owner', 'authorization'],
  codes: [],
  registry: ['number', 'applicationId'],
  authorizations: ['application', 'owner'],
  families: ['authorization'],
  sweeps: [],
} as const

/** Binds the records of a token store to the rules. */
export function tokenStore(
  name: string,
  records: TokenRecords & {
    readonly codes: Store<Code>
    /** Hears of an authorization before it ends. */
    readonly announce: Announce
    /** Hears of reuse and replay. */
    report?(event: SecurityEvent): void
  },
): TokenStore {
  const { tokens, now, announce, report = () => {} } = records
  const authorizations = bindAuthorizations(records.authorizations, { now, announce })
  const families = bindFamilies(records.families, { now })
  const codes = bindCodes(records.codes, { families, now })
  const lookUp = (text: string) => lookUpToken(records, text)
  const write = ({ id, record }: Issued) => tokens.set(id, record)

  async function issue(request: TokenRequest): Promise<Issued> {
    const issued = makeToken(request, now())
    await write(issued)
    return issued
  }

  return {
    name,
    authorizations,
    families,
    codes,
    issue,
    lookUp,
    listByClient: (clientId, page) => listLiving(records, 'client', clientId, page),
    listByOwner: (owner, page) => listLiving(records, 'owner', owner, page),
    listByAuthorization: (id, page) => listLiving(records, 'authorization', id, page),
    ...grants({ codes, authorizations, families, write, lookUp, report, now }),
    ...revoker({ tokens, authorizations, families, now }),
  }
}
