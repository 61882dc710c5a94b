import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { newSideKey } from "../conformance/control-side.ts";
import type { ConformancePackages } from "../conformance/run-conformance.ts";
import { conformanceChecks, conformancePackages, runCheck } from "../conformance/run-conformance.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { built } from "../support/built-programs.ts";

/** The checks of `npm run conformance` that do not have to wait for a clock, against both implementations that live here. */

const publisher = newSideKey();
let packages: ConformancePackages;

beforeAll(async () => {
  packages = await conformancePackages(publisher);
});

function runsTheChecks(command: () => readonly string[]): void {
  for (const [group, checks] of Object.entries(conformanceChecks))
    for (const check of checks.filter(({ isSlow }) => isSlow !== true))
      it.concurrent(`${group}: ${check.name}`, async () => {
        const { failure, written } = await runCheck(check, command(), packages, publisher);
        // With what the program wrote, where it failed.
        expect(failure && `${failure}\n${written}`).toBeUndefined();
      });
}

describe("the edge agent keeps to the protocol", () => {
  runsTheChecks(() => [process.execPath, built(new URL("../conformance/agent-device.ts", import.meta.url))]);
});

const canCompile =
  spawnSync("cc", ["-fsyntax-only", "-include", "openssl/evp.h", "-x", "c", "/dev/null"]).status === 0 &&
  spawnSync("make", ["--version"]).status === 0;

describe.skipIf(!canCompile)("the client in C keeps to the protocol (needs cc, make and OpenSSL's headers)", () => {
  let build: TemporaryDirectory;

  beforeAll(async () => {
    build = await temporaryDirectory();
    const sources = fileURLToPath(new URL("../../firmware-notes/client/", import.meta.url));
    const made = spawnSync("make", ["-C", sources, `OUT=${build.path}`], { encoding: "utf8" });
    if (made.status !== 0) throw new Error(`the client does not compile: ${made.stderr}`);
    return () => build[Symbol.asyncDispose]();
  });

  runsTheChecks(() => [join(build.path, "sedge-device")]);
});
