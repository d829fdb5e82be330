import type { Filter } from '../engine/index.ts'
import { code, generatedNotice, page } from './markdown.ts'
import { settingsTable } from './settings-table.ts'

/** docs/filters.md: everything in it comes from the definitions. */
export function filtersPage(filters: readonly Filter[]): string {
  return page(
    generatedNotice('filters/'),
    '# Filters',
    'Every filter, with its settings, exits and attributes. `x?` marks an attribute that may be missing. Where attributes follow from the settings, they are those of the example.',
    ...filters.flatMap((filter, index) => {
      const startsRoom = roomOf(filter) !== roomOf(filters[index - 1])
      return [...(startsRoom ? [`## ${roomOf(filter)}`] : []), ...describeFilter(filter)]
    }),
  )
}

const roomOf = (filter: Filter | undefined) => filter?.name.split('/')[0]

function describeFilter(filter: Filter): readonly string[] {
  const { name, summary, config, outcomes, example } = filter
  const node = { filter: name, ...(Object.keys(example).length > 0 && { config: example }) }
  return [
    `### ${name}`,
    summary,
    settingsTable(config),
    attributes(filter),
    outcomes === 'open'
      ? 'Exits: the keys of `on`; `*` is obligatory.'
      : `Exits: ${outcomes.map(code).join(', ')}.`,
    ['```json', JSON.stringify(node), '```'].join('\n'),
  ]
}

/** Where they follow from the settings, they are those of the example. */
function attributes({ reads, writes, example }: Filter): string {
  const list = (names: readonly string[]) => names.map(code).join(', ')
  const read = reads(example)
  const written = Object.entries(writes(example)).filter(([, names]) => names?.length)
  return [
    read.length > 0 ? `Reads ${list(read)}.` : '',
    ...written.map(([outcome, names]) => `Writes on ${code(outcome)}: ${list(names ?? [])}.`),
  ]
    .filter(Boolean)
    .join(' ')
}
