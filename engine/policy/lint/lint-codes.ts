/** What docs/errors.md says of a code. */
export interface CodeEntry {
  readonly description: string
  readonly solve: string
}

/** The codes of everything that lint finds in policies and filters. */
export const LINT_CODES = {
  'malformed-json': {
    description: 'The file is not strict JSON (RFC 8259), or too large or too deep.',
    solve: 'Correct the text at the place that is named; JSON has no comments and no last comma.',
  },
  'duplicate-key': {
    description: 'An object has the same key twice, so that one of the two would be lost silently.',
    solve: 'Rename or remove one of them.',
  },
  'bad-policy': {
    description: 'The file does not have the shape of a policy.',
    solve: 'Compare with `schemas/policy.json`; an editor that knows it completes the keys.',
  },
  'unknown-filter': {
    description: 'A node names a filter that the gateway does not have.',
    solve: 'Correct the name (docs/filters.md lists them), or name its module in `gateway.json`.',
  },
  'bad-config': {
    description: 'The settings of a node do not fit its filter.',
    solve: 'Correct the setting; docs/filters.md lists the settings of every filter.',
  },
  'bad-expression': {
    description: 'A setting holds a JSON Logic rule that could not be trusted to decide anything.',
    solve: 'Use one known operator an object, and write the names that it reads literally.',
  },
  'missing-edge': {
    description: 'A filter may end in a way for which its node has no edge.',
    solve: 'Add the outcome to `on`; a node never ends the policy by saying nothing.',
  },
  'unknown-edge': {
    description: 'A node has an edge for an outcome that its filter does not have.',
    solve: 'Correct the outcome, or remove the edge.',
  },
  'unknown-target': {
    description: 'An edge, `start` or `fault` leads to a node that is not there.',
    solve: 'Name a node of this policy; an edge may also lead to @success or @failure.',
  },
  'unreachable-node': {
    description: 'No path from `start` or `fault` leads to the node.',
    solve: 'Lead an edge to it, or remove it.',
  },
  cycle: {
    description: 'An edge leads back to a node that the policy has passed.',
    solve: 'Lead the edge onwards: a policy is acyclic, so that it always ends.',
  },
  'policy-cycle': {
    description: 'A policy runs itself, perhaps by way of others.',
    solve: 'Remove one of the nodes that close the circle.',
  },
  'unknown-policy': unknownReference('policy'),
  'unknown-store': unknownReference('store'),
  'unknown-table': unknownReference('table'),
  'unmet-read': {
    description: 'A node reads an attribute that is not certain to have been written before it.',
    solve:
      'Let a filter that writes it come first on every path, or give the expression a default.',
  },
  'no-response': {
    description: 'A path of a routed policy comes to its end without a response.',
    solve: 'Put a filter that responds before the end.',
  },
  'bad-filter': {
    description: 'The definition of a filter contradicts itself, or lacks something.',
    solve: 'Correct the definition; docs/writing-filters.md says what belongs in it.',
  },
  'bad-example': {
    description: "The example of a filter does not fit the filter's own schema.",
    solve: 'Correct the example or the schema.',
  },
  'duplicate-filter': {
    description: 'Two filters have the same name.',
    solve: 'Rename one; a filter never replaces another.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>

/** A code of the table, or `unknown-…` for a kind of thing that an extension brings. */
export type LintCode = keyof typeof LINT_CODES | `unknown-${string}`

/** The code of a name under which there is no such thing: `refersTo: 'rateLimit'` → `unknown-rate-limit`. */
export function unknownCode(kind: string): LintCode {
  return `unknown-${wordsOf(kind).replaceAll(' ', '-')}`
}

/** What docs/errors.md says of `unknownCode(kind)`. */
export function unknownReference(kind: string): CodeEntry {
  const words = wordsOf(kind)
  const where = kind === 'policy' ? 'add its file to the policies' : 'declare it in `gateway.json`'
  return {
    description: `A setting names a ${words} that is not there.`,
    solve: `Correct the name of the ${words}, or ${where}.`,
  }
}

/** `rateLimit` → `rate limit` */
export function wordsOf(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
