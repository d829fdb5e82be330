// Compiled by `npm run typecheck`, never run: what must not compile is marked, and a mark that marks nothing is an error.
import { defineFilter } from '../../../engine/policy/filter.ts'
import { refuse } from '../../../engine/policy/refusal.ts'

export const wellTyped = defineFilter({
  name: 'demo/well-typed',
  summary: 'Uses every kind of setting.',
  config: {
    type: 'object',
    properties: {
      store: { type: 'string', refersTo: 'tokenStore', description: 'Required.' },
      mode: { type: 'string', enum: ['any', 'all'], default: 'any', description: 'Has a default.' },
      limit: { type: 'integer', description: 'Optional.' },
    },
    required: ['store'],
    additionalProperties: false,
  },
  outcomes: ['success', 'failure'],
  create(config) {
    const store: string = config.store
    const mode: 'any' | 'all' = config.mode
    const limit: number | undefined = config.limit
    return async function step(message) {
      if (store === mode || limit) return refuse('invalid_request', 'no')
      const id: string | undefined = message.get('request')?.id
      return id ? 'success' : 'failure'
    }
  },
})

defineFilter({
  name: 'demo/misspelt-outcome',
  summary: 'Ends by an outcome that it does not declare.',
  outcomes: ['success', 'failure'],
  // @ts-expect-error 'succes' is no outcome
  create() {
    return function step() {
      return 'succes'
    }
  },
})

defineFilter({
  name: 'demo/misspelt-write',
  summary: 'Declares writes for an outcome that it does not declare.',
  outcomes: ['success'],
  // @ts-expect-error 'sucess' is no outcome
  writes: { sucess: ['greeting'] },
  create: () => () => 'success',
})

defineFilter({
  name: 'demo/unknown-setting',
  summary: 'Reads a setting that it does not declare.',
  outcomes: ['success'],
  create(config) {
    // @ts-expect-error no such setting
    config.store
    return () => 'success'
  },
})

defineFilter({
  name: 'demo/refuses-without-failure',
  summary: 'Refuses, but has no edge for it.',
  outcomes: ['success'],
  // @ts-expect-error a refusal needs the outcome failure
  create() {
    return () => refuse('invalid_request', 'no')
  },
})
