import { learnSecret } from '../support/evidence.ts'

/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; fails where it is none. */
  readonly json: Record<string, unknown>
}

export interface RequestOptions {
  readonly method?: string
  /** `id:secret`, sent as HTTP Basic. */
  readonly basic?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>> | string
}

/** A gateway over HTTP, as a client sees it. */
export interface Peer {
  readonly url: string
  send(path: string, options?: RequestOptions): Promise<Answer>
  /** An access token of `app` by the client-credentials grant. */
  issue(form?: Readonly<Record<string, string>>): Promise<string>
  /** What introspection says of it. */
  introspect(token: string): Promise<Record<string, unknown>>
}

/** One demand of a standard, what we do about it, and the proof. */
export interface Requirement {
  /** `RFC 7009 §2.1` */
  readonly source: string
  readonly level: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'REQUIRED'
  /** The demand in our words. */
  readonly demand: string
  /** What the quickstart does; it is the name of the test, too. */
  readonly answer: string
  /** Absent only where there is nothing to send: then `answer` says why. */
  readonly check?: (peer: Peer) => Promise<void>
}

/** Speaks HTTP to a gateway of the conformance set-up. */
export function createPeer(url: string): Peer {
  async function send(path: string, options: RequestOptions = {}): Promise<Answer> {
    const { basic, form } = options
    learnSecret(basic?.slice(basic.indexOf(':') + 1) ?? '')
    const response = await fetch(`${url}${path}`, {
      method: options.method ?? 'POST',
      redirect: 'manual',
      headers: {
        ...(basic !== undefined && {
          authorization: `Basic ${Buffer.from(basic).toString('base64')}`,
        }),
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...options.headers,
      },
      ...(form !== undefined && {
        body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      }),
    })
    const text = await response.text()
    learnSecret(/"access_token":"([^"]+)"/.exec(text)?.[1] ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      get json() {
        return JSON.parse(text) as Record<string, unknown>
      },
    }
  }

  return {
    url,
    send,
    async issue(form = {}) {
      const { json } = await send('/oauth/token', {
        basic: 'app:app-secret',
        form: { grant_type: 'client_credentials', ...form },
      })
      return String(json.access_token)
    },
    async introspect(token) {
      return (await send('/oauth/introspect', { basic: 'api:api-secret', form: { token } })).json
    },
  }
}
