/** `did you mean "store"?`, or what else to say where nothing comes near. */
export function didYouMean(name: string, known: Iterable<string>, otherwise: string): string {
  const near = nearest(name, known)
  return near === undefined ? otherwise : `did you mean "${near}"?`
}

/** `"a", "b" and "c"`, for a reader who must choose. */
export function listNames(names: Iterable<string>): string {
  const quoted = [...names].map((name) => `"${name}"`)
  if (quoted.length <= 1) return quoted[0] ?? 'none'
  return `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`
}

/** The known name that was probably meant. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const tolerance = name.length <= 3 ? 1 : Math.max(2, Math.floor(name.length / 3))
  let best: string | undefined
  let least = tolerance + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least && distance < Math.max(name.length, candidate.length)) {
      best = candidate
      least = distance
    }
  }
  return best
}

/** Levenshtein's distance, a row at a time. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
