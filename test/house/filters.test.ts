import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { filterLibrary } from '../../engine/policy/library.ts'
import { checkAgainst } from '../../engine/policy/schema.ts'
import type { SettingSchema } from '../../engine/policy/settings.ts'
import { type Filter, standardFilters } from '../../index.ts'
import { listFiles, ROOT } from './sources.ts'

describe('the standard filters', () => {
  it('are all there, in order, each in the file of its name', async () => {
    const files = listFiles('filters', /\.ts$/).filter((path) => path !== 'filters/index.ts')
    const names = files.map((path) => path.replace(/^filters\/|\.ts$/g, ''))
    expect(standardFilters.map(({ name }) => name)).to.deep.equal(names.toSorted())
    for (const name of names) {
      const module: { default: Filter } = await import(`../../filters/${name}.ts`)
      expect(module.default.name).to.equal(name)
    }
  })

  it('are without a flaw, so that no start has to judge them', () => {
    expect(filterLibrary(standardFilters).findings).to.deep.equal([])
  })

  for (const filter of standardFilters) {
    describe(filter.name, () => {
      it('has a test of its name', () => {
        expect(existsSync(join(ROOT, `test/filters/${filter.name}.test.ts`))).to.equal(true)
      })

      it('is summed up in one sentence', () => {
        expect(filter.summary).to.match(/^[A-Z][^\n]{10,110}\.$/)
        expect(filter.summary).not.to.match(/\. [A-Z]/)
      })

      it('describes every setting and admits no other', () => {
        expect(faultsOf(filter.config, filter.name)).to.deep.equal([])
      })

      it('has an example that fits', () => {
        expect(checkAgainst(filter.config, filter.example).problems).to.deep.equal([])
      })
    })
  }
})

function faultsOf(schema: SettingSchema, place: string): readonly string[] {
  if ('$ref' in schema) return []
  if (schema.type === 'array') return faultsOf(schema.items, `${place}[]`)
  if (schema.type !== 'object') return []
  if (!('properties' in schema)) return faultsOf(schema.additionalProperties, `${place}{}`)
  const own = schema.additionalProperties === false ? [] : [`${place} is open`]
  const inner = Object.entries(schema.properties).flatMap(([name, setting]) => [
    ...(setting.description?.endsWith('.') ? [] : [`${place}.${name} has no description`]),
    ...faultsOf(setting, `${place}.${name}`),
  ])
  return [...own, ...inner]
}
