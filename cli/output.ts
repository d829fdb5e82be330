/** Where a verb writes: JSON for programs, or text for people. */
export interface Output {
  readonly json: boolean
  /** The result, as JSON or as the text that `format` makes of it. */
  result<T>(value: T, format: (value: T) => string): void
  /** Progress and hints, for people only; they go to standard error. */
  hint(text: string): void
}

export function createOutput(json: boolean): Output {
  return {
    json,
    result(value, format) {
      const text = json ? JSON.stringify(value, null, 2) : format(value)
      if (text !== '') process.stdout.write(`${text}\n`)
    },
    hint(text) {
      if (!json) process.stderr.write(`${text}\n`)
    },
  }
}

/** Rows as columns under a heading, as wide as their widest cell. */
export function formatTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = heading.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [heading, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
