/**
 * npm run conformance -- [--only TEXT] [-- PROGRAM ARGUMENT…] : does a device's program keep to the protocol?
 * Without a program, this project's own edge agent. firmware-notes/protocol.md says what a program is given and must do.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { agentCommand } from "./agent-command.ts";
import { newSideKey } from "./control-side.ts";
import { conformanceChecks, conformancePackages, runCheck } from "./run-conformance.ts";

const usage = `npm run conformance -- [--only TEXT] [-- PROGRAM ARGUMENT…]
Does a device's program keep to the protocol? firmware-notes/protocol.md says what it is given and must do.
Without a program: this project's own edge agent. --only: the checks with TEXT in their names.
`;

const words = process.argv.slice(2);
const onlyAt = words.indexOf("--only");
const filter = onlyAt === -1 ? "" : (words.splice(onlyAt, 2)[1] ?? "");
const given = words[0] === "--" ? words.slice(1) : words;
const command = given.length > 0 ? given : agentCommand;
if (words[0]?.startsWith("-") === true && words[0] !== "--") {
  process.stdout.write(usage);
  process.exit(words[0] === "--help" ? 0 : 2);
}
// Otherwise each check would wait for it in vain.
if (!canBeRun(command[0] ?? "")) {
  process.stderr.write(`${command[0]} is no program that can be run\n${usage}`);
  process.exit(2);
}

const publisher = newSideKey();
const packages = await conformancePackages(publisher);
let failed = 0;
let passed = 0;
for (const [group, checks] of Object.entries(conformanceChecks))
  for (const check of checks) {
    const name = `${group}: ${check.name}`;
    if (!name.includes(filter)) continue;
    const { failure, written, seconds } = await runCheck(check, command, packages, publisher);
    const mark = failure === undefined ? "ok    " : "FAILED";
    process.stdout.write(`${mark} ${name} (${seconds.toFixed(1)} s)\n`);
    if (failure === undefined) passed += 1;
    else {
      failed += 1;
      process.stdout.write(`       ${failure}\n`);
      const lines = written.trim().split("\n").slice(-5);
      for (const line of lines) process.stdout.write(`       | ${line.slice(0, 200)}\n`);
    }
  }
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function canBeRun(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const places = program.includes("/") ? [program] : folders.map((folder) => join(folder, program));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
