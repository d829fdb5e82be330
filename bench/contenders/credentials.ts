/** The clients that each contender knows: those of Sallyport's quickstart. */
export const SAMPLE_APP = 'sample-app'
export const RESOURCE_SERVER = 'sample-resource-server'
export const SECRET = 'sample-secret'

/** Seconds that a token lives. */
export const LIFETIME = 3600

export function basic(clientId: string): string {
  return `Basic ${Buffer.from(`${clientId}:${SECRET}`).toString('base64')}`
}
