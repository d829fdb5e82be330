import type { Row } from '../engine/stores/store.ts'
import type { Client, Token } from './records.ts'

/** A client application as an administrator sees it: without verifiers and epoch. */
export function describeClient(client: Client) {
  const { secrets, epoch, created, updated, ...rest } = client
  return { ...rest, created: isoTime(created), updated: isoTime(updated) }
}

/** A token as an administrator sees it: by its id, since nobody has its text. */
export function describeToken({ key, value }: Row<Token>) {
  const { kind, client, owner, scopes, issued, expires, metadata } = value
  return {
    id: key,
    kind,
    client,
    ...(owner !== undefined && { owner }),
    scopes,
    issued: isoTime(issued),
    expires: isoTime(expires),
    ...(metadata !== undefined && { metadata }),
  }
}

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString()
