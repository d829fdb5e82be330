/**
 * What DESIGN section 5 says, in the plainest way: whatever happens is carried out at once on every
 * token that it concerns. No revisions, no epochs, no hashes, and nothing shared with the code.
 */

/** Whatever carries scopes under a client, and perhaps an owner: a token, a code, a grant in flight. */
export interface Bearer {
  readonly client: ModelClient
  readonly authorization: ModelAuthorization | undefined
  scopes: Set<string>
  /** For good: nothing dead comes back to life. */
  ended: boolean
  /** Its client was removed, made anew or restored. */
  orphaned: boolean
  /** What it hung on and ended, with it or before it was made. */
  endings: ModelEnding[]
}

/** Something that ended for good. What it took with it is swept once. */
export interface ModelEnding {
  readonly at: number
}

export interface ModelClient {
  readonly id: string
  readonly application: string
  readonly isPublic: boolean
  present: boolean
  enabled: boolean
  secrets: { text: string; until: number }[]
}

export interface ModelAuthorization {
  readonly application: string
  readonly owner: string
  granted: Set<string>
  consented: Set<string>
  tokensUntil: number
}

export interface ModelFamily {
  current: ModelToken | undefined
  graced: { token: ModelToken; until: number }[]
}

export interface ModelToken extends Bearer {
  readonly text: string
  readonly id: string
  readonly kind: 'access' | 'refresh'
  readonly family: ModelFamily | undefined
  readonly expires: number
  deleted: boolean
}

export interface ModelCode extends Bearer {
  readonly text: string
  readonly redirectUri: string | undefined
  readonly verifier: string | undefined
  readonly expires: number
  failures: number
  used: boolean
  bought: ModelFamily | undefined
}

export class Model {
  now: number
  clients: ModelClient[] = []
  authorizations: ModelAuthorization[] = []
  tokens: ModelToken[] = []
  codes: ModelCode[] = []
  inFlight: Bearer[] = []
  unswept: ModelEnding[] = []

  constructor(now: number) {
    this.now = now
  }

  get bearers(): Bearer[] {
    return [...this.tokens, ...this.codes, ...this.inFlight]
  }

  find(application: string, owner: string): ModelAuthorization | undefined {
    return this.authorizations.find((a) => a.application === application && a.owner === owner)
  }

  isAlive(token: ModelToken): boolean {
    if (token.deleted || token.ended || token.expires <= this.now) return false
    if (!token.client.present || !token.client.enabled) return false
    return token.kind === 'access' || this.isUsable(token)
  }

  isUsable(token: ModelToken): boolean {
    const graced = token.family?.graced.find((displaced) => displaced.token === token)
    return token.family?.current === token || (graced !== undefined && this.now < graced.until)
  }

  /** Removed, made anew, or restored: whatever was issued to the client before is dead. */
  endClient(client: ModelClient): void {
    if (!client.present) return
    const bearers = this.bearers.filter((bearer) => bearer.client === client && !bearer.orphaned)
    for (const bearer of bearers) bearer.orphaned = true
    this.end(bearers)
  }

  /** A minute after they ended, dead tokens are removed, unless they were made later than the sweep. */
  sweep(): void {
    const due = this.unswept.filter(({ at }) => at + 60_000 <= this.now)
    this.unswept = this.unswept.filter((ending) => !due.includes(ending))
    for (const token of this.tokens) {
      if (token.endings.some((ending) => due.includes(ending))) token.deleted = true
    }
  }

  private end(bearers: Bearer[]): void {
    const ending = { at: this.now }
    this.unswept.push(ending)
    for (const bearer of bearers) {
      bearer.ended = true
      bearer.endings.push(ending)
    }
  }

  endFamily(family: ModelFamily | undefined): void {
    for (const token of this.tokens) if (family && token.family === family) token.ended = true
  }

  endAuthorization(ended: ModelAuthorization | undefined): void {
    this.end(this.under(ended))
    this.authorizations = this.authorizations.filter((authorization) => authorization !== ended)
  }

  under(authorization: ModelAuthorization | undefined): Bearer[] {
    return this.bearers.filter((bearer) => authorization && bearer.authorization === authorization)
  }

  /** What tokens get: (A ∩ R) ∪ approved, or without consent all of R. */
  grant(wish: {
    application: string
    owner: string
    requested: string[]
    approved: string[] | undefined
    tokensUntil: number
  }): { authorization: ModelAuthorization; scopes: Set<string> } {
    const { application, owner, requested, approved, tokensUntil } = wish
    let found = this.find(application, owner)
    if (!found) {
      found = { application, owner, granted: new Set(), consented: new Set(), tokensUntil }
      this.authorizations.push(found)
    }
    const { consented } = found
    const scopes = new Set(
      approved ? [...requested.filter((scope) => consented.has(scope)), ...approved] : requested,
    )
    for (const scope of scopes) found.granted.add(scope)
    if (approved) for (const scope of scopes) consented.add(scope)
    if (tokensUntil > found.tokensUntil) found.tokensUntil = tokensUntil
    return { authorization: found, scopes }
  }

  /** What is taken is taken from every token, for good. */
  narrow(found: ModelAuthorization | undefined, keep: string[]): void {
    if (!found) return
    const holders = [found.granted, found.consented]
    for (const bearer of this.under(found)) holders.push(bearer.scopes)
    for (const scopes of holders) {
      for (const scope of [...scopes]) if (!keep.includes(scope)) scopes.delete(scope)
    }
  }

  /** Replaces the scopes of all older tokens. */
  impose(found: ModelAuthorization | undefined, scopes: string[]): void {
    if (!found) return
    found.granted = new Set(scopes)
    found.consented = new Set(scopes.filter((scope) => found.consented.has(scope)))
    for (const bearer of this.under(found)) bearer.scopes = new Set(scopes)
  }

  displace(family: ModelFamily, next: ModelToken, grace: number): void {
    if (family.current) family.graced.push({ token: family.current, until: this.now + grace })
    // A client is let through with eight displaced tokens at most.
    family.graced = family.graced.filter(({ until }) => this.now < until).slice(-8)
    family.current = next
  }
}
