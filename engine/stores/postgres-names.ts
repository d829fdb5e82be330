import { createHash } from 'node:crypto'

/** PostgreSQL cuts longer names, so that two could become one. */
const LONGEST_SLUG = 40

/** A table for the collection: readable, and with a digest of the whole name, so that no two share it. */
export function tableName(collection: string): string {
  return named(slug(collection), collection)
}

/** An index has its name beside those of all tables and indexes of the schema. */
export function indexName(collection: string, property: string): string {
  return named(`by_${slug(property)}`, `${collection},${property}`)
}

/** The index by which the purge finds what is expired. */
export function expiryIndexName(collection: string): string {
  return named('by_expiry', `${collection},`)
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function named(readable: string, whole: string): string {
  return `${readable}_${createHash('sha256').update(whole).digest('hex').slice(0, 12)}`
}

function slug(name: string): string {
  const words = name.toLowerCase().replace(/[^a-z0-9]+/g, '_')
  return words.replace(/^_+/, '').slice(0, LONGEST_SLUG).replace(/_+$/, '') || 'x'
}
