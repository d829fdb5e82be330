import type { CodeEntry } from '../lint/lint-codes.ts'

/** The codes of what is found in policy tests. */
export const TEST_CODES = {
  'bad-test': {
    description: 'The file does not have the shape of a policy test.',
    solve: 'Compare with `schemas/policy-test.json`; an editor that knows it completes the keys.',
  },
  'unknown-mock': {
    description: 'A test mocks a node that its policy does not have.',
    solve: 'Correct the name of the node; one of a sub-policy is written check/find-client.',
  },
  'bad-mock': {
    description: 'A mock does what its node could never do.',
    solve: 'Give it one outcome or one throw, and let it write only what the filter writes.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
