/**
 * A text in the characters that RFC 6749 §5.2 allows in a description, which are safe in JSON, in a
 * header and on a terminal, too: ASCII without double quotes and backslash.
 */
export function printable(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[^\x20-\x5b\x5d-\x7e]/gu, '?')
}
