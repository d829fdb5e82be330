import { GATEWAY_CODES } from '../engine/gateway/codes.ts'
import {
  type CodeEntry,
  LINT_CODES,
  unknownCode,
  unknownReference,
} from '../engine/policy/lint/lint-codes.ts'
import { TEST_CODES } from '../engine/policy/testing/test-codes.ts'
import { oauthErrors } from '../oauth/errors.ts'
import { oauthExtension } from '../oauth/index.ts'
import { code, generatedNotice, page, table } from './markdown.ts'

type Codes = Readonly<Record<string, CodeEntry>>

/** docs/errors.md */
export function errorsPage(): string {
  return page(
    generatedNotice('the tables of codes in engine/ and oauth/'),
    '# Errors',
    'Codes are stable. Each finding is `path:line:column code what is wrong; what to do`; `--json` adds the JSON Pointer.',
    '## In policies and filters',
    codesTable({ ...LINT_CODES, ...extensionCodes() }),
    '## In `gateway.json`, and at a start',
    codesTable(GATEWAY_CODES),
    '## In policy tests',
    codesTable(TEST_CODES),
    '## Answers of OAuth endpoints',
    'The body is `{"error": …, "error_description": …}` (RFC 6749 §5.2); the description is that of the filter that refused, or this one.',
    table(
      ['error', 'status', 'description', 'defined in'],
      Object.entries(oauthErrors).map(([error, { status, description, source }]) => [
        code(error),
        String(status),
        description,
        source,
      ]),
    ),
  )
}

/** Names that filters and `gateway.json` use for what an extension brings. */
function extensionCodes(): Codes {
  const { refersTo } = oauthExtension
  return { [unknownCode(refersTo)]: unknownReference(refersTo) }
}

function codesTable(codes: Codes): string {
  return table(
    ['code', 'what is wrong', 'what to do'],
    Object.entries(codes).map(([name, { description, solve }]) => [code(name), description, solve]),
  )
}
