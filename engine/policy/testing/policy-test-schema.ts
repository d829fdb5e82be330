const texts = { type: 'object', additionalProperties: { type: 'string' } } as const

const fields = {
  type: 'object',
  additionalProperties: {
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
  },
} as const

const request = {
  type: 'object',
  description: 'What the client sends.',
  properties: {
    method: { type: 'string', pattern: '^[A-Z]+$', description: 'GET, POST, …' },
    path: { type: 'string', pattern: '^/[^?#]*$', description: 'The path without the query.' },
    params: { ...texts, description: "Values of the route's parameters." },
    query: { ...fields, description: 'The query, by parameter.' },
    headers: { ...texts, description: 'Headers.' },
    form: { ...fields, description: 'Fields of a form body.' },
    json: { description: 'The value of a JSON body.' },
    basic: {
      type: 'string',
      pattern: ':',
      description: 'user:password, for a header Authorization: Basic.',
    },
    address: { type: 'string', description: "The client's address; 127.0.0.1 by default." },
    origin: {
      type: 'string',
      description: 'The address of the listener; http://127.0.0.1 by default.',
    },
  },
  required: ['method', 'path'],
  additionalProperties: false,
} as const

const mock = {
  type: 'object',
  description: 'What happens in place of the node: an outcome, or a throw.',
  properties: {
    outcome: { type: 'string', description: 'The outcome by which the node is left.' },
    error: {
      type: 'object',
      description: 'The refusal that goes with the outcome failure.',
      properties: {
        code: { type: 'string', description: 'The code that the client sees.' },
        description: { type: 'string', description: 'The sentence that the client sees.' },
      },
      required: ['code', 'description'],
      additionalProperties: false,
    },
    set: {
      type: 'object',
      description: 'Attributes that the node would have written.',
      minProperties: 1,
      additionalProperties: {},
    },
    response: {
      type: 'object',
      description: 'The response that the node would have written.',
      properties: {
        status: { type: 'integer', minimum: 200, maximum: 599, description: 'The status.' },
        headers: { ...texts, description: 'Names in lower case.' },
        body: { description: 'A text as it is; anything else as JSON.' },
      },
      required: ['status'],
      additionalProperties: false,
    },
    outage: {
      type: 'boolean',
      description:
        'Only an outage brings about this outcome, so that no test can have it for real.',
    },
    throw: {
      type: 'string',
      enum: ['unavailable', 'deadline', 'error'],
      description: 'A surprise.',
    },
  },
  additionalProperties: false,
} as const

const expectation = {
  type: 'object',
  description: 'What must come of it.',
  properties: {
    status: { type: 'integer', description: 'The status of the response.' },
    headers: {
      type: 'object',
      description: 'Headers that the response must have; others may be there.',
      additionalProperties: { anyOf: [{ type: 'string' }, { type: 'object' }] },
    },
    body: {
      description:
        'The body: a text as it is, else its JSON in full. {"$match": "…"} stands for a text that matches the regular expression, {"$type": "number"} for a value of that JSON type, {"$absent": true} for a member that is not there.',
    },
    path: {
      type: 'array',
      description:
        'The way as node:outcome, with the nodes of sub-policies (check/find-client:success) only if one of them is listed.',
      items: { type: 'string', pattern: '^[^:]+:' },
    },
  },
  required: ['status'],
  additionalProperties: false,
} as const

/** The JSON Schema of `<policy>.test.json`. */
export const policyTestSchema = {
  type: 'object',
  properties: {
    $schema: { type: 'string', description: 'For editors.' },
    given: {
      type: 'object',
      description: 'What the stores hold at the beginning of each case.',
      additionalProperties: true,
    },
    cases: {
      type: 'array',
      minItems: 1,
      description: 'The cases; each begins with fresh stores.',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', minLength: 1, description: 'A sentence that tells behaviour.' },
          given: {
            type: 'object',
            description: 'What the stores hold besides.',
            additionalProperties: true,
          },
          request,
          mocks: {
            type: 'object',
            description: 'Nodes that do not run for real.',
            additionalProperties: mock,
          },
          expect: expectation,
        },
        required: ['name', 'request', 'expect'],
        additionalProperties: false,
      },
    },
  },
  required: ['cases'],
  additionalProperties: false,
} as const
