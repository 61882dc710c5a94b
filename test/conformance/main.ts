/**
 * npm run conformance -- [--only TEXT] [-- PROGRAM ARGUMENT…] : does a device's program keep to the protocol?
 * Without a program, this project's own edge agent. firmware-notes/protocol.md says what a program is given and must do.
 */
import { fileURLToPath } from "node:url";
import { runConformance } from "./run-conformance.ts";

const words = process.argv.slice(2);
const onlyAt = words.indexOf("--only");
const filter = onlyAt === -1 ? "" : (words.splice(onlyAt, 2)[1] ?? "");
const agent = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  fileURLToPath(new URL("./agent-device.ts", import.meta.url)),
];
const command = words[0] === "--" ? words.slice(1) : words;

let failed = 0;
let passed = 0;
for await (const { group, name, failure, written, seconds } of runConformance(
  command.length > 0 ? command : agent,
  filter,
)) {
  const mark = failure === undefined ? "ok    " : "FAILED";
  process.stdout.write(`${mark} ${group}: ${name} (${seconds.toFixed(1)} s)\n`);
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
