const start = performance.now()

/** Tells whoever waits what is going on; the table alone goes to standard output. */
export function tell(what: string): void {
  const seconds = Math.round((performance.now() - start) / 1000)
  process.stderr.write(`${String(seconds).padStart(4)} s  ${what}\n`)
}
