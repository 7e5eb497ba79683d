/**
 * A projection has one set of tables, whose shape is `version`: what is built again takes the place of what was there. `generation`
 * counts that, so that who keeps parts of the tables in memory notices.
 */
export const projectionGeneration = [
  `delete from projection older using projection newer where older.name = newer.name and older.version < newer.version`,
  `alter table projection drop constraint projection_pkey, add primary key (name),
  add column generation integer not null default 1`
]
