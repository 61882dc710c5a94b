import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { readConfig } from "../config.ts";
import { serviceUnit } from "./service-unit.ts";

export interface ServiceCommandFlags {
  readonly data?: string;
  readonly config?: string;
  readonly user: string;
  readonly memoryMax: string;
  readonly cpuQuota?: string;
}

/**
 * Prints the unit for this program where it lies. It installs nothing: writing to /etc/systemd, making a user and enabling a service
 * belong to the package or to whoever manages the machine.
 */
export async function printServiceCommand(flags: ServiceCommandFlags): Promise<void> {
  const { data } = await readConfig({ data: flags.data, config: flags.config || undefined }, process.env);
  const program = await realpath(process.argv[1] ?? "");
  const words = [process.execPath, ...process.execArgv, program, "run", "--data", resolve(data)];
  if (flags.config) words.push("--config", resolve(flags.config));
  process.stdout.write(
    serviceUnit({
      command: words.map(unitWord).join(" "),
      data: resolve(data),
      user: flags.user,
      memoryMax: flags.memoryMax,
      cpuQuota: flags.cpuQuota,
    }),
  );
}

/** systemd.service(5): a word with blanks stands in quotes, and a percent sign is doubled. */
function unitWord(word: string): string {
  const escaped = word.replaceAll("%", "%%");
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
