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
  return outputs.flatMap(({ source, text }) =>
    [...secrets]
      .filter((secret) => text.includes(secret))
      .map((secret) => `${source} shows ${secret.slice(0, 4)}…`),
  )
}

export function countEvidence(): { readonly secrets: number; readonly outputs: number } {
  return { secrets: secrets.size, outputs: outputs.length }
}
