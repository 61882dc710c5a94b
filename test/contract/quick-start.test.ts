import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = new URL("../../", import.meta.url);

/** Every module that is loaded before a program's first line runs, by its path or its package's name. Types and `import()` are not. */
function loadedAtStart(program: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const visit = (file: URL): void => {
    const name = relative(fileURLToPath(root), fileURLToPath(file));
    if (loaded.has(name) || !name.endsWith(".ts")) return;
    loaded.add(name);
    const statements = readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*? from "([^"]+)";/gms);
    for (const [, specifier = ""] of statements)
      if (specifier.startsWith(".")) visit(new URL(specifier, file));
      else loaded.add(specifier);
  };
  visit(new URL(program, root));
  return loaded;
}

it("the command line answers --help without its codecs, schemas and servers", () => {
  const loaded = [...loadedAtStart("control-plane/cli/main.ts")];
  expect(loaded.filter((name) => !name.includes("/") && !name.startsWith("node:"))).toEqual(["commander"]);
  expect(
    loaded.filter((name) => /packaging\/(?:onnx|samples\/open|package-model|model-spec)|\/server\//.test(name)),
  ).toEqual([]);
  expect(loaded.length).toBeLessThan(130);
});

it("the agent's program too", () => {
  const loaded = [...loadedAtStart("edge-agent/daemon/main.ts")];
  expect(loaded.filter((name) => !name.includes("/") && !name.startsWith("node:"))).toEqual(["commander"]);
});
