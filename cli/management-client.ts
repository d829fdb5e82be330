import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { json as readJson } from 'node:stream/consumers'

export interface ManagementRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly json?: unknown
  /** It makes sense before the first start. */
  readonly mayMakeStore?: true
}

/** @throws Error with what the policy said, if it refused */
export type Send = <Result>(request: ManagementRequest) => Promise<Result>

/** Where a management port is, and how to be let in. */
export interface ManagementPort {
  /** Its address on this machine, whatever it is called outside. */
  readonly origin: string
  readonly secret: string
  /** The certificate that it serves, in PEM: nobody else can have the key. */
  readonly certificate?: string
}

export function managementClient(port: ManagementPort): Send {
  return async function send<Result>(request: ManagementRequest): Promise<Result> {
    const { status, answer } = await call(port, request).catch((cause) => {
      throw new Error(`no gateway answers at ${port.origin}; start it first`, { cause })
    })
    if (status < 300) return answer as Result
    throw new Error(explainRefusal(port.origin, request.path, status, answer))
  }
}

function call(
  { origin, secret, certificate }: ManagementPort,
  { method, path, json }: ManagementRequest,
): Promise<{ status: number; answer: unknown }> {
  const body = json === undefined ? undefined : JSON.stringify(json)
  const options = {
    method,
    auth: `admin:${secret}`,
    headers: {
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    },
    // The certificate is made out to the name outside, but it is this very one that is expected.
    ...(certificate && { ca: certificate, checkServerIdentity: () => undefined }),
  }
  const begin = origin.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    begin(origin + path, options, (response) => {
      const status = response.statusCode ?? 500
      readJson(response).then(
        (answer) => resolve({ status, answer }),
        () => resolve({ status, answer: {} }),
      )
    })
      .on('error', reject)
      .end(body)
  })
}

function explainRefusal(origin: string, path: string, status: number, answer: unknown): string {
  const { error, error_description: description } = answer as Record<string, string | undefined>
  if (status === 401) {
    return `the gateway at ${origin} refuses the admin secret; set SALLYPORT_ADMIN_SECRET, or SALLYPORT_DATA to the folder it was started with`
  }
  if (error === 'not_found' && description?.includes('served at')) {
    return `gateway.json has no management route for ${path}; copy those of samples/quickstart/gateway.json`
  }
  return description ?? `the gateway at ${origin} answered ${status}`
}
