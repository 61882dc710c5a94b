import type { Command } from "commander";
import { dataDirectory } from "../connection.ts";
import { counted } from "../../domain/rollout/format-figure.ts";
import { packageVersion } from "../package-version.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { formatSize } from "../sizes.ts";

const restoreHelp = `
To restore it: stop the control plane, put the backup in the place of its data
directory, and start it.

  mv /var/lib/sedge /var/lib/sedge.broken
  cp -a BACKUP /var/lib/sedge            # of the same owner as before
  sedge serve --data /var/lib/sedge

Devices go on by themselves. What was done since the backup is to be done again:
rollouts, labels, settings; devices that were enrolled since enrol again. What
was ended since counts again: end revoked devices and removed operators anew;
enrolment tokens that were used are good until they expire.
Certificates for TLS are not in it.`;

export function addBackupCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("backup <directory>")
    .description("copy database, models and keys of the control plane on this machine, also while it runs")
    .addHelpText("after", restoreHelp)
    .action(async (directory: string, _options: object, command: Command) => {
      // Loaded when needed: it brings the database along.
      const { backUpData } = await import("../../server/back-up-data.ts");
      const session = openSession(surroundings, command);
      const { data } = command.optsWithGlobals<{ data?: string }>();
      const report = await backUpData(dataDirectory(data, session.environment), directory, {
        version: packageVersion(),
        now: session.now,
        signal: session.signal,
      });
      const { database, artifacts } = report;
      session.show(
        report,
        () =>
          `${report.directory}: database ${formatSize(database.bytes)}, ${counted(artifacts.files, "file")} of models ` +
          `${formatSize(artifacts.bytes)} (${artifacts.copied} new), keys\n`,
      );
      session.tell(
        "It holds the keys of the control plane: keep it as safe as the data directory. How to restore: sedge backup --help",
      );
    });
}
