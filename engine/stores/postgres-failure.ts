import { Misuse } from './contract.ts'

/** What the operator can do, by SQLSTATE or by the name of a system error. */
const remedies: Readonly<Record<string, string>> = {
  '28P01': 'it refuses the password; correct the url',
  '28000': 'it does not let that user in; correct the url, or allow the user in pg_hba.conf',
  '3D000': 'there is no such database; create it, or correct the url',
  '42501': 'the user may not do that; let it own the schema, or give it USAGE and CREATE there',
  '53300': 'it has no connection left; lower poolSize, or raise max_connections',
  '53100': 'its disk is full; free some space, then it goes on by itself',
  '25006': 'it only reads, as a standby does; let the url name the primary',
  '57014': 'it took longer than it may; raise the deadline, or see what holds it up',
  ECONNREFUSED: 'nothing listens there; start it, or correct the url',
  ENOTFOUND: 'there is no such host; correct the url',
  EAI_AGAIN: 'its host name cannot be resolved now; it is tried again',
}

/** A failure with its place and a remedy; where the call itself is wrong, as `Misuse`. */
export function explainFailure(place: string, error: unknown, readOnly = false): Error {
  if (!(error instanceof Error) || error.name === 'Misuse') return asError(error)
  const code = codeOf(error)
  // Class 22: what was to be written is no text of ours.
  if (code.startsWith('22')) {
    return new Misuse(`PostgreSQL cannot keep that text (${code}): ${error.message}`, {
      cause: error,
    })
  }
  if (code === '25006' && readOnly) {
    return new Misuse(`the store at ${place} was opened for reading only`, { cause: error })
  }
  const what = code === '' ? error.message : (remedies[code] ?? error.message)
  const number = code === '' ? '' : ` (${code})`
  return new Error(`PostgreSQL at ${place} did not do it${number}: ${what}`, { cause: error })
}

/** `localhost` has two addresses, and neither answering is an error of errors. */
function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof AggregateError && error.errors[0] instanceof Error
    ? codeOf(error.errors[0])
    : ''
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
