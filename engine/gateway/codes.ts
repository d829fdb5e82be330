import { type CodeEntry, unknownReference } from '../policy/lint/lint-codes.ts'

/** The codes of what is found in `gateway.json` and in what it names, besides those of lint. */
export const GATEWAY_CODES = {
  'unreadable-file': {
    description: 'A file that the gateway needs cannot be read.',
    solve: 'Correct the path or its permissions.',
  },
  'bad-setting': {
    description: 'A setting of `gateway.json` is missing, unknown or of the wrong kind.',
    solve: 'Compare with `schemas/gateway.json`; an editor that knows it completes the settings.',
  },
  'unset-variable': {
    description: '`gateway.json` refers to an environment variable that is not set.',
    solve: 'Set the variable, or write the value itself.',
  },
  'bad-variable': {
    description: 'A text of `gateway.json` has a reference that is none.',
    solve: 'Write a dollar sign and, in braces, `env.NAME`; nothing else is substituted.',
  },
  'unknown-adapter': {
    description: 'A store names an adapter that there is not.',
    solve: 'Name one of those that the message lists.',
  },
  'weak-store': {
    description: 'A store is named for something that its adapter cannot promise.',
    solve:
      'Name a store of `lmdb`, `postgres` or `redis`; through `keyv` only plain tables can be kept.',
  },
  'unknown-listener': unknownReference('listener'),
  'ambiguous-route': {
    description: 'The same request would fit two routes of a listener equally well.',
    solve: 'Give one of them another path or method, or remove it.',
  },
  'bad-certificate': {
    description: 'HTTPS cannot be served with the certificate and key of a listener.',
    solve: 'Name a certificate and its key, both in PEM and readable to the user of the gateway.',
  },
  'bad-sample-data': {
    description: 'A record of the sample data cannot be loaded.',
    solve: 'Correct what the message names in the file of sample data, or remove it.',
  },
  'exposed-sample-data': {
    description: 'Sample credentials, which everybody knows, would be within reach from outside.',
    solve: 'Remove `sampleData`, or listen on loopback and outside production.',
  },
  'module-failed': {
    description: 'A module of filters cannot be loaded, or exports no filter.',
    solve: 'Correct the module; its default export is a filter or a list of filters.',
  },
  'create-failed': {
    description: 'A filter refuses the settings of its node when the policy is loaded.',
    solve: 'Correct what the message names: the settings of the node, or the filter.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
