import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type CheckedGateway, checkGateway } from '../../../engine/gateway/check.ts'
import type { Extension } from '../../../engine/gateway/extension.ts'
import { type Gateway, type GatewayOptions, openGateway } from '../../../engine/gateway/gateway.ts'
import { silentLog } from '../../../engine/gateway/log.ts'
import { defineFilter, type Filter, type Services } from '../../../engine/policy/filter.ts'
import type { Store } from '../../../engine/stores/store.ts'

/** An extension as small as one can be: named shelves with books on them. */
export const shelves: Extension<{ store: string; purgeEvery: number }> = {
  section: 'shelves',
  refersTo: 'shelf',
  repeatable: ['genre'],
  schema: {
    type: 'object',
    properties: {
      store: { type: 'string', refersTo: 'store', description: 'Where it stands.' },
      purgeEvery: { type: 'integer', default: 60, description: 'Seconds.' },
    },
    required: ['store'],
    additionalProperties: false,
  },
  open(entries, context) {
    const opened = new Map(
      Object.entries(entries).map(([name, { store, purgeEvery }]) => {
        const books = context.collection(store, name, { indexes: ['author'], lifetime: 'until' })
        context.purge(books, purgeEvery)
        return [name, books]
      }),
    )
    return {
      services: { shelf: (name: string) => opened.get(name) } as Partial<Services>,
      async load(given) {
        for (const [name, books] of Object.entries(given)) {
          for (const [title, book] of Object.entries(books as Record<string, object>)) {
            await opened.get(name)?.set(title, book)
          }
        }
      },
    }
  },
}

const lend = defineFilter({
  name: 'demo/lend',
  summary: 'Answers with the book that the path names.',
  config: {
    type: 'object',
    properties: {
      shelf: { type: 'string', refersTo: 'shelf', description: 'Where the book stands.' },
      wait: { type: 'integer', default: 0, description: 'Milliseconds.' },
    },
    required: ['shelf'],
    additionalProperties: false,
  },
  outcomes: ['success'],
  reads: ['request'],
  writes: { success: ['response'] },
  confidential: ['card'],
  example: { shelf: 'novels' },
  create({ shelf, wait }, services) {
    const books = (services as Services & { shelf(name: string): Store }).shelf(shelf)
    return async function lendBook(message): Promise<'success'> {
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      const book = await books.get(message.request.params.title ?? '')
      const body = JSON.stringify({ book, query: message.request.query })
      message.set('response', { status: book ? 200 : 404, headers: {}, body })
      return 'success'
    }
  },
})

export const demoFilters: readonly Filter[] = [lend]

export const lendPolicy = (config: object = { shelf: 'novels' }) => ({
  description: 'Lend a book',
  start: 'lend',
  nodes: { lend: { filter: 'demo/lend', config, on: { success: '@success' } } },
})

export const gatewayJson = (more: object = {}) => ({
  listeners: { traffic: { port: 0 }, management: { port: 0 } },
  stores: { main: { adapter: 'memory' } },
  shelves: { novels: { store: 'main' } },
  policies: 'policies',
  routes: [{ listener: 'traffic', method: 'GET', path: '/books/:title', policy: 'lend' }],
  ...more,
})

/** A folder with a `gateway.json` and a policy, to be spoilt at will. */
export class SetUp {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  static async make(files: Readonly<Record<string, unknown>> = {}): Promise<SetUp> {
    const setUp = new SetUp(await mkdtemp(join(tmpdir(), 'sallyport-gateway-')))
    await setUp.write({
      'gateway.json': gatewayJson(),
      'policies/lend.json': lendPolicy(),
      ...files,
    })
    return setUp
  }

  /** Texts as they are, everything else as JSON. */
  async write(files: Readonly<Record<string, unknown>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.folder, name)
      await mkdir(dirname(path), { recursive: true })
      const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2)
      await writeFile(path, text)
    }
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  options(more: Partial<GatewayOptions> = {}): GatewayOptions {
    return {
      configFile: this.path('gateway.json'),
      env: {},
      filters: demoFilters,
      extensions: [shelves],
      keys: this.path('keys'),
      credentials: { admin: 'secret' },
      log: silentLog,
      ...more,
    }
  }

  check(more: Partial<GatewayOptions> = {}): Promise<CheckedGateway> {
    const { credentials: _, ...options } = this.options(more)
    return checkGateway(options)
  }

  open(more: Partial<GatewayOptions> = {}): Promise<Gateway> {
    return openGateway(this.options(more))
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true })
  }
}
