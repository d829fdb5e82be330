/**
 * What the tests have sent as secrets, and what gateways and traces have written meanwhile. After the
 * last test the one must not be found in the other.
 */
const secrets = new Set<string>()
const outputs: { readonly source: string; readonly text: string }[] = []

/** Shorter texts are found everywhere. */
const SHORTEST = 8

export function learnSecret(text: string): void {
  if (text.length >= SHORTEST) secrets.add(text)
}

export function keepOutput(source: string, text: string): void {
  outputs.push({ source, text })
}

/** Where a secret was written; each is named by its first characters only. */
export function findLeaks(): readonly string[] {
  const byStart = new Map<string, string[]>()
  for (const secret of secrets) {
    const start = secret.slice(0, SHORTEST)
    byStart.set(start, [...(byStart.get(start) ?? []), secret])
  }
  const leaks = outputs.flatMap(({ source, text }) =>
    findSecrets(text, byStart).map((secret) => `${source} shows ${secret.slice(0, 4)}…`),
  )
  return [...new Set(leaks)]
}

/** One pass, however many secrets there are. */
function findSecrets(text: string, byStart: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = []
  for (let at = 0; at + SHORTEST <= text.length; at++) {
    const candidates = byStart.get(text.slice(at, at + SHORTEST)) ?? []
    found.push(...candidates.filter((secret) => text.startsWith(secret, at)))
  }
  return found
}

export function countEvidence(): { readonly secrets: number; readonly outputs: number } {
  return { secrets: secrets.size, outputs: outputs.length }
}
