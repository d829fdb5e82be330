import type { Infer, ObjectSchema } from '../policy/settings.ts'
import type { Extension } from './extension.ts'
import { LOG_LEVELS } from './log.ts'

const SECOND = 1000

const listener = {
  type: 'object',
  properties: {
    host: {
      type: 'string',
      minLength: 1,
      default: '127.0.0.1',
      description: 'Address to listen on; 0.0.0.0 means every IPv4 address of the machine.',
    },
    port: {
      type: 'integer',
      minimum: 0,
      maximum: 65535,
      description: 'Port to listen on; 0 takes any that is free.',
    },
    url: {
      type: 'string',
      pattern: '^https?://[^/?#]+$',
      description:
        'Scheme and authority by which clients know the listener, such as https://auth.example.com; by default its own address.',
    },
    tls: {
      type: 'object',
      properties: {
        certificate: { type: 'string', minLength: 1, description: 'Path of a PEM file.' },
        key: { type: 'string', minLength: 1, description: 'Path of a PEM file.' },
      },
      required: ['certificate', 'key'],
      additionalProperties: false,
      description: 'Serves HTTPS; a renewed certificate is taken up without a restart.',
    },
    trustedProxies: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Addresses or networks (10.0.0.0/8) whose X-Forwarded-For is believed.',
    },
  },
  required: ['port'],
  additionalProperties: false,
} as const satisfies ObjectSchema

const table = {
  type: 'object',
  properties: {
    store: { type: 'string', refersTo: 'store', description: 'The store that keeps it.' },
    indexed: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      uniqueItems: true,
      default: [],
      description:
        'Properties by which records can be looked up, besides those that its use needs.',
    },
  },
  required: ['store'],
  additionalProperties: false,
} as const satisfies ObjectSchema

const route = {
  type: 'object',
  properties: {
    listener: { type: 'string', refersTo: 'listener', description: 'Where it is served.' },
    method: {
      type: 'array',
      items: { type: 'string', pattern: '^[A-Z]+$' },
      minItems: 1,
      uniqueItems: true,
      description: 'A method, or a list of them. GET serves HEAD too.',
    },
    path: {
      type: 'string',
      pattern: '^(/(:[A-Za-z][A-Za-z0-9_]*|[^:/?#%\\s][^/?#%\\s]*)?)+$',
      description: 'Written decoded; a segment that begins with a colon is a parameter: /apps/:id.',
    },
    policy: { type: 'string', refersTo: 'policy', description: 'The policy that answers.' },
  },
  required: ['listener', 'method', 'path', 'policy'],
  additionalProperties: false,
} as const satisfies ObjectSchema

const limits = {
  type: 'object',
  properties: {
    body: {
      type: 'integer',
      minimum: 1,
      default: 64 * 1024,
      description: 'Bytes of a request body; more gets 413.',
    },
    headers: {
      type: 'integer',
      minimum: 1024,
      default: 16 * 1024,
      description: 'Bytes of request headers; more gets 431.',
    },
    headersTime: {
      type: 'integer',
      minimum: 1,
      default: 10 * SECOND,
      description: 'Milliseconds in which the headers must arrive.',
    },
    requestTime: {
      type: 'integer',
      minimum: 1,
      default: 30 * SECOND,
      description: 'Milliseconds in which the whole request must arrive.',
    },
    idleTime: {
      type: 'integer',
      minimum: 1,
      default: 65 * SECOND,
      description: 'Milliseconds for which a connection without requests is kept.',
    },
    policyTime: {
      type: 'integer',
      minimum: 1,
      default: 30 * SECOND,
      description: 'Milliseconds that no policy may exceed, whatever its own limit says.',
    },
    drainTime: {
      type: 'integer',
      minimum: 0,
      default: 10 * SECOND,
      description: 'Milliseconds that running requests have to finish when the gateway stops.',
    },
  },
  additionalProperties: false,
} as const satisfies ObjectSchema

const log = {
  type: 'object',
  properties: {
    level: {
      type: 'string',
      enum: LOG_LEVELS,
      default: 'info',
      description: 'The least that is logged.',
    },
  },
  additionalProperties: false,
} as const satisfies ObjectSchema

export type ListenerSettings = Infer<typeof listener>
export type TableSettings = Infer<typeof table>
export type RouteSettings = Infer<typeof route>
export type Limits = Infer<typeof limits>
export type LogSettings = Infer<typeof log>

/** What every store has; the rest is for its adapter to say. */
export interface StoreSettings {
  readonly adapter: string
  readonly [setting: string]: unknown
}

/** A `gateway.json` that fits its schema, before names and paths in it are resolved. */
export interface GatewaySettings {
  readonly listeners: Readonly<Record<string, ListenerSettings>>
  readonly stores: Readonly<Record<string, StoreSettings>>
  readonly tables: Readonly<Record<string, TableSettings>>
  readonly policies: string
  readonly filters: readonly string[]
  readonly routes: readonly RouteSettings[]
  readonly sampleData?: string
  readonly limits: Limits
  readonly log: LogSettings
  /** The sections that extensions bring. */
  readonly [section: string]: unknown
}

/** The schema of `gateway.json`: the only statement of what may stand in it. */
export function gatewaySchema(extensions: readonly Extension[]) {
  return {
    type: 'object',
    properties: {
      $schema: { type: 'string', description: 'For editors.' },
      listeners: mapOf(listener, 'Ports by name. On "management" the health is told, too.'),
      stores: mapOf(
        {
          type: 'object',
          properties: { adapter: { type: 'string', description: 'What kind of store it is.' } },
          required: ['adapter'],
        },
        'Stores by name.',
      ),
      tables: mapOf(table, 'Tables by name.', {}),
      ...Object.fromEntries(
        extensions.map(({ section, schema }) => [
          section,
          mapOf(schema, `${section} by name.`, {}),
        ]),
      ),
      policies: { type: 'string', minLength: 1, description: 'The folder of the policies.' },
      filters: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        uniqueItems: true,
        default: [],
        description: 'Modules with filters: paths that begin with a dot, or names of packages.',
      },
      sampleData: {
        type: 'string',
        minLength: 1,
        description: 'A file of records for a trial, with credentials that everybody knows.',
      },
      routes: {
        type: 'array',
        items: route,
        default: [],
        description: 'Which policy answers where.',
      },
      limits: { ...limits, default: {}, description: 'What a request may take.' },
      log: { ...log, default: {}, description: 'What is logged.' },
    },
    required: ['listeners', 'stores', 'policies'],
    additionalProperties: false,
  } as const
}

function mapOf(entry: object, description: string, byDefault?: object) {
  return {
    type: 'object',
    additionalProperties: entry,
    ...(byDefault && { default: byDefault }),
    description,
  } as const
}
