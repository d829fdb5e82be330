import { execFileSync } from 'node:child_process'
import { policySchema } from '../engine/policy/lint/policy-schema.ts'
import { policyTestSchema } from '../engine/policy/testing/policy-test-schema.ts'
import { adapterNames, loadAdapter } from '../engine/stores/open.ts'
import { standardFilters } from '../filters/index.ts'
import { configurationPage } from './configuration-page.ts'
import { errorsPage } from './errors-page.ts'
import { filtersPage } from './filters-page.ts'
import { gatewaySchemaForEditors } from './gateway-schema.ts'
import { standardsPage } from './standards-page.ts'
import { storeSamples } from './store-samples.ts'

export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string
  readonly text: string
}

/** Everything that is derived and committed all the same; a house test proves it fresh. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  const adapters = await Promise.all(adapterNames.map(loadAdapter))
  const stores = adapters.map(({ settings }) => settings)
  return [
    schemaFile('policy', policySchema(standardFilters)),
    schemaFile('gateway', gatewaySchemaForEditors(stores)),
    schemaFile('policy-test', {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Sallyport policy test',
      ...policyTestSchema,
    }),
    { path: 'docs/filters.md', text: filtersPage(standardFilters) },
    { path: 'docs/errors.md', text: errorsPage() },
    { path: 'docs/configuration.md', text: configurationPage(stores) },
    { path: 'docs/standards.md', text: standardsPage() },
    ...storeSamples(),
  ]
}

function schemaFile(name: string, schema: object): GeneratedFile {
  const path = `schemas/${name}.json`
  return { path, text: formatJson(path, JSON.stringify(schema, null, 2)) }
}

/** Biome judges these files like all others, so it also lays them out. */
function formatJson(path: string, text: string): string {
  const biome = ['node_modules/@biomejs/biome/bin/biome', 'format', `--stdin-file-path=${path}`]
  return execFileSync(process.execPath, biome, { input: text, encoding: 'utf8' })
}
