import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

const root = new URL("../../", import.meta.url);

/**
 * Where the build puts a program of the sources. Tests start the built programs, as users do; Node also starts them in a third of
 * the time that it needs for TypeScript, and a run of the tests starts hundreds.
 */
export function built(source: URL): string {
  const path = source.href.slice(root.href.length).replace(/\.ts$/, ".js");
  return fileURLToPath(new URL(`dist/${path}`, root));
}

/** Before the first test, and again when a watched file has changed. */
export function setup(project: TestProject): void {
  build();
  project.onTestsRerun(async () => build());
}

function build(): void {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "-s", "build"], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`the programs that the tests start cannot be built:\n${stdout}${stderr}`);
}
