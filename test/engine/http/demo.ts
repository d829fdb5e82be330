import { type Server, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Unavailable } from '../../../engine/policy/fault.ts'
import {
  defineFilter,
  type Filter,
  type Logger,
  type Services,
} from '../../../engine/policy/filter.ts'
import { filterLibrary } from '../../../engine/policy/library.ts'
import { lintPolicies } from '../../../engine/policy/lint/lint.ts'
import { refuse } from '../../../engine/policy/refusal.ts'
import { loadPolicies } from '../../../engine/policy/run/load-policies.ts'
import type { Program } from '../../../engine/policy/run/program.ts'

/** Answers with the request as it came in, secrets masked by themselves. */
const echo = defineFilter({
  name: 'demo/echo',
  summary: 'Answers with the request.',
  outcomes: ['success'],
  reads: ['request'],
  writes: { success: ['response'] },
  confidential: ['token'],
  create: () => (message) => {
    const body = JSON.stringify(message.request)
    message.set('response', { status: 200, headers: { 'content-type': 'application/json' }, body })
    return 'success'
  },
})

/** Answers with whatever response its setting spells out. */
const answer = defineFilter({
  name: 'demo/answer',
  summary: 'Answers as told.',
  config: {
    type: 'object',
    properties: {
      status: { type: 'integer', default: 200, description: 'The status.' },
      header: { type: 'string', default: 'plain', description: 'The value of x-demo.' },
      wait: { type: 'integer', default: 0, description: 'Milliseconds.' },
    },
    additionalProperties: false,
  },
  outcomes: ['success'],
  writes: { success: ['response'] },
  create: ({ status, header, wait }) =>
    async function answerAsTold(message): Promise<'success'> {
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      message.set('response', { status, headers: { 'x-demo': header }, body: 'ü' })
      return 'success'
    },
})

const fail = defineFilter({
  name: 'demo/fail',
  summary: 'Refuses, or throws.',
  config: {
    type: 'object',
    properties: {
      how: { type: 'string', enum: ['refuse', 'throw', 'outage'], description: 'In which way.' },
    },
    required: ['how'],
    additionalProperties: false,
  },
  outcomes: ['failure'],
  example: { how: 'throw' },
  create:
    ({ how }) =>
    () => {
      if (how === 'throw') throw new Error('a pipe broke')
      if (how === 'outage') throw new Unavailable('the well is dry', { retryAfter: 7 })
      return refuse('invalid_demo', 'this is a demonstration', 'the operator knows why')
    },
})

export const demoFilters: readonly Filter[] = [echo, answer, fail]

/** Policies of one node, or of two where the first refuses, by the config of `demo/answer` or the way of `demo/fail`. */
export function demoPrograms(answers: Readonly<Record<string, object>> = {}) {
  const sources = Object.entries({
    echo: policy({ do: { filter: 'demo/echo', on: { success: '@success' } } }),
    ...Object.fromEntries(
      Object.entries(answers).map(([name, config]) => [
        name,
        policy({ do: { filter: 'demo/answer', config, on: { success: '@success' } } }),
      ]),
    ),
    refuse: policy({
      do: { filter: 'demo/fail', config: { how: 'refuse' }, on: { failure: 'say' } },
      say: { filter: 'demo/answer', config: { status: 400 }, on: { success: '@failure' } },
    }),
    throw: policy({
      do: { filter: 'demo/fail', config: { how: 'throw' }, on: { failure: '@failure' } },
    }),
    outage: policy({
      do: { filter: 'demo/fail', config: { how: 'outage' }, on: { failure: '@failure' } },
    }),
  }).map(([name, text]) => ({ name, file: `${name}.json`, text }))
  const { policies } = lintPolicies(sources, {
    library: filterLibrary(demoFilters).library,
    known: {},
    routed: new Set(),
  })
  const programs = loadPolicies(policies, { log: recorder().log, now: Date.now } as Services)
  return (name: string): Program => {
    const program = programs.get(name)
    if (!program) throw new Error(`no demo policy ${name}`)
    return program
  }
}

function policy(nodes: object): string {
  return JSON.stringify({ description: 'Demo', start: 'do', nodes })
}

export type Line = Readonly<Record<string, unknown>>

/** A log that can be read. */
export function recorder(): { readonly lines: Line[]; readonly log: Logger } {
  const lines: Line[] = []
  const at = (level: string) => (fields: object, text?: string) => {
    lines.push({ level, text, ...fields })
  }
  return {
    lines,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer
}

/** One request on a connection of its own, with exactly the headers that are given. */
export function call(port: number, path: string, options: Call = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const request = send({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { ...headers } as Record<string, string>,
      agent: false,
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    request.end(body)
  })
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
