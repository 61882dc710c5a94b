import type { Kysely, Migration } from "kysely";
import { Migrator, SqliteAdapter, SqliteDialect } from "kysely";
import { DatabaseTooNewError } from "./database-errors.ts";

/**
 * Kysely takes SQLite for a database that cannot undo CREATE TABLE, runs migrations outside of a transaction and leaves half of
 * one behind when it fails or the process ends. SQLite can: with this dialect a migration is there as a whole or not at all.
 */
export class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Brings the database to the newest schema. @throws DatabaseTooNewError, or what the failing migration threw; the database is unchanged then. */
export async function migrateToLatest<DB>(
  database: Kysely<DB>,
  migrations: Readonly<Record<string, Migration>>,
  file: string,
): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => ({ ...migrations }) } });
  const unknown = (await executedMigrations(database)).filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length > 0) throw new DatabaseTooNewError(file, unknown);
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

async function executedMigrations<DB>(database: Kysely<DB>): Promise<readonly string[]> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === migrationTable)) return [];
  const rows = await (database as unknown as Kysely<{ [migrationTable]: { name: string } }>)
    .selectFrom(migrationTable)
    .select("name")
    .execute();
  return rows.map(({ name }) => name);
}

export const migrationTable = "kysely_migration";
