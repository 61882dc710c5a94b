import { openDatabase } from "../../../control-plane/storage/database.ts";
import { allMigrations } from "../../../control-plane/storage/migrations/all-migrations.ts";

/** Begins a second migration and stays in the middle of it. Argument: the database file. */
const keepAlive = setInterval(() => {}, 1_000);
await openDatabase(process.argv[2] as string, {
  ...allMigrations,
  "9999-hangs": {
    async up(db) {
      await db.schema.alterTable("device").addColumn("half", "text").execute();
      await db.schema.createTable("half").addColumn("id", "integer").execute();
      process.stdout.write("half-way\n");
      await new Promise(() => {});
    },
  },
});
clearInterval(keepAlive);
