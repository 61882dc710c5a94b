/**
 * Makes proto/generated/sedge.{js,d.ts} from sedge.proto, with protobufjs-cli.
 *   tsx proto/generate.ts            writes them
 *   tsx proto/generate.ts --check    exits 1 when the committed files are not what the .proto says
 *   tsx proto/generate.ts --copy-to DIR   copies them beside the compiled code: tsc does not copy JavaScript
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const bin = fileURLToPath(new URL("../node_modules/.bin/", import.meta.url));
const files = ["sedge.js", "sedge.d.ts"];

function generateInto(directory: string): void {
  const js = join(directory, "sedge.js");
  // An own root: two static modules on protobufjs's default root would overwrite each other. pbts reads pbjs's comments.
  const options =
    "-t static-module -w esm -r sedge --keep-case --force-number --no-verify --no-delimited --no-typeurl --no-service --no-convert";
  execFileSync(join(bin, "pbjs"), [...options.split(" "), "-o", js, join(here, "sedge.proto")]);
  execFileSync(join(bin, "pbts"), ["-o", join(directory, "sedge.d.ts"), js]);
}

function check(): void {
  const fresh = mkdtempSync(join(tmpdir(), "sedge-proto-"));
  try {
    generateInto(fresh);
    const stale = files.filter(
      (file) => readFileSync(join(fresh, file), "utf8") !== readFileSync(join(here, "generated", file), "utf8"),
    );
    if (stale.length === 0) return;
    process.stderr.write(`proto/generated is not fresh (${stale.join(", ")}): run npm run proto and commit\n`);
    process.exitCode = 1;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const [mode, target] = process.argv.slice(2);
if (mode === "--check") check();
else if (mode === "--copy-to" && target !== undefined) {
  mkdirSync(target, { recursive: true });
  for (const file of files) copyFileSync(join(here, "generated", file), join(target, file));
} else {
  mkdirSync(join(here, "generated"), { recursive: true });
  const fresh = mkdtempSync(join(tmpdir(), "sedge-proto-"));
  generateInto(fresh);
  for (const file of files) copyFileSync(join(fresh, file), join(here, "generated", file));
  rmSync(fresh, { recursive: true, force: true });
}
