import type { Command } from 'commander'
import type { RequestSpec } from '../engine/policy/test-request.ts'
import type { Cli } from './cli.ts'

interface TraceOptions {
  readonly method?: string
  readonly path?: string
  readonly param: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
  readonly header: Readonly<Record<string, string>>
  readonly basic?: string
  readonly body?: unknown
  readonly given?: string
}

/** `sallyport trace` */
export function addTrace(program: Command, cli: Cli): void {
  const pair = (separator: string) => (text: string, pairs: Record<string, string>) => {
    const at = text.indexOf(separator)
    if (at < 1) return cli.wrongUsage(`"${text}" must be name${separator}value`)
    const name = text.slice(0, at)
    if (Object.hasOwn(pairs, name)) return cli.wrongUsage(`${name} is given more than once`)
    const value = text.slice(at + separator.length)
    // White space around a header's value is not part of it (RFC 9110 §5.5).
    return { ...pairs, [name]: separator === ':' ? value.trim() : value }
  }
  program
    .command('trace <policy>')
    .description('take one request through a policy, node by node, on stores in memory')
    .option('--method <method>', 'by default that of its route')
    .option('--path <path>', 'by default that of its route')
    .option('--param <name=value>', 'a parameter of the route; repeatable', pair('='), {})
    .option('--query <name=value>', 'a parameter of the query; repeatable', pair('='), {})
    .option('--form <name=value>', 'a field of the form body; repeatable', pair('='), {})
    .option('--header <name:value>', 'a header; repeatable', pair(':'), {})
    .option('--basic <user:password>', 'an Authorization header')
    .option('--body <json>', 'a JSON body', (text) => parseBody(text, cli))
    .option('--given <file>', 'what the stores hold besides the sample data, as in a policy test')
    .action(async (named: string, options: TraceOptions) => {
      const trace = await traceOnce(cli, named, options)
      const { formatTrace } = await import('../engine/policy/format-trace.ts')
      cli.output.result(trace, formatTrace)
    })
}

function parseBody(text: string, cli: Cli): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return cli.wrongUsage(`the body is no JSON: ${(error as Error).message}`)
  }
}

async function traceOnce(cli: Cli, named: string, options: TraceOptions) {
  const { requireSetUp, findPolicy } = await import('./policies.ts')
  const { openTrial } = await import('../engine/gateway/trial.ts')
  const { traceRun } = await import('../engine/policy/trace.ts')
  const { buildRequest } = await import('../engine/policy/test-request.ts')
  const checked = await requireSetUp(cli.settings)
  const name = findPolicy(checked, named)
  const files = [checked.config.sampleData, options.given].filter((file) => file !== undefined)
  const trial = await openTrial(checked, await Promise.all(files.map(readRecords)))
  const route = checked.config.routes.find(({ policy }) => policy === name)
  const spec = describeRequest(options, route)
  const program = trial.programs.get(name)
  if (!program) throw new Error(`the policy ${name} is not loaded`)
  return traceRun(program, buildRequest(spec, trial.confidential))
}

function describeRequest(
  { method, path, param, query, form, header, basic, body }: TraceOptions,
  route: { readonly method: readonly string[]; readonly path: string } | undefined,
): RequestSpec {
  return {
    method: method ?? route?.method[0] ?? 'POST',
    path: path ?? route?.path ?? '/',
    params: param,
    query,
    headers: header,
    ...(Object.keys(form).length > 0 && { form }),
    ...(basic !== undefined && { basic }),
    ...(body !== undefined && { json: body }),
  }
}

async function readRecords(file: string): Promise<Readonly<Record<string, unknown>>> {
  const { readFile } = await import('node:fs/promises')
  const { readJson } = await import('../engine/policy/read.ts')
  const { FindingsError } = await import('../engine/policy/finding.ts')
  const { value, findings } = readJson(file, await readFile(file, 'utf8'))
  if (findings.length > 0) throw new FindingsError(findings)
  return value as Readonly<Record<string, unknown>>
}
