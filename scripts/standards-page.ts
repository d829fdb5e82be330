import type { Requirement } from '../test/conformance/requirement.ts'
import { rfc6749 } from '../test/conformance/rfc6749.ts'
import { rfc7009 } from '../test/conformance/rfc7009.ts'
import { rfc7662 } from '../test/conformance/rfc7662.ts'
import { generatedNotice, page, table } from './markdown.ts'

/** docs/standards.md: the tables that the conformance tests run, so that it claims nothing without a proof. */
export function standardsPage(): string {
  return page(
    generatedNotice('test/conformance/'),
    '# Standards',
    'What each document demands, and what the shipped policies do. "What we do" is also the name of the test that shows it, against a gateway over HTTP; a dash stands where there is nothing to send.',
    ...describe('RFC 7009: token revocation', 'rfc7009.ts', rfc7009),
    ...describe('RFC 7662: token introspection', 'rfc7662.ts', rfc7662),
    ...describe(
      'RFC 6749: client authentication, token endpoint, client credentials',
      'rfc6749.ts',
      rfc6749,
    ),
  )
}

function describe(
  title: string,
  file: string,
  requirements: readonly Requirement[],
): readonly string[] {
  const test = `[${file}](../test/conformance/${file})`
  return [
    `## ${title}`,
    table(
      ['source', 'level', 'demand', 'what we do', 'test'],
      requirements.map(({ source, level, demand, answer, check }) => [
        source.replace(/^RFC \d+ /, ''),
        level,
        demand,
        answer,
        check ? test : '–',
      ]),
    ),
  ]
}
