/** In UTF-8 bytes: what every store takes as a primary key. */
const LONGEST_KEY = 512

/** Why no store could keep a record under that key; `undefined` if each can. */
export function faultOfKey(key: string): string | undefined {
  if (key === '') return 'it is empty'
  // A UTF-16 unit takes three bytes at most, so that short keys need not be measured.
  if (key.length > LONGEST_KEY / 3 && Buffer.byteLength(key) > LONGEST_KEY) {
    return `it is longer than ${LONGEST_KEY} bytes`
  }
  if (key.includes('\0')) return 'it contains NUL'
  if (/\p{Surrogate}/u.test(key)) return 'it contains half of a surrogate pair'
  return undefined
}

/** In the order of their UTF-8 bytes, as servers sort; `<` would sort by UTF-16 units. */
export function compareKeys(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    if (isSurrogate(x) === isSurrogate(y)) return x - y
    return isSurrogate(x) ? 1 : -1
  }
  return a.length - b.length
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}
