/** Records by ids that strangers choose, where `constructor` and `__proto__` are ids like any other. Never changed in place. */

export const lookup = <K extends string, V>(record: Readonly<Record<K, V>>, key: K): V | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

/** Costs as much as the record is large. */
export const put = <K extends string, V>(
  record: Readonly<Record<K, V>>,
  key: K,
  value: V
): Readonly<Record<K, V>> => ({
  ...record,
  [key]: value
})

/** Costs as much as the record is large. */
export const without = <K extends string, V>(
  record: Readonly<Record<K, V>>,
  key: K
): Readonly<Record<K, V>> => {
  const { [key]: _, ...rest } = record
  return rest as Record<K, V>
}

export const valuesOf = <K extends string, V>(record: Readonly<Record<K, V>>): ReadonlyArray<V> =>
  Object.values(record)

export const isEmpty = (record: Readonly<Record<string, unknown>>): boolean => {
  for (const _ in record) return false
  return true
}
