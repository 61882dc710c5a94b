import fc from "fast-check";
import { expect, test } from "vitest";
import { lineageOf } from "../../../../control-plane/domain/model-lineage.ts";

function tree(...pairs: readonly (readonly [string, string?])[]) {
  return lineageOf(pairs.map(([version, parent]) => ({ version, parent }))).map(
    ({ version, depth, known }) => `${"  ".repeat(depth)}${version}${known === undefined ? " (unknown)" : ""}`,
  );
}

test("parents come before their children, each version once", () => {
  expect(tree(["1"], ["3", "2"], ["2", "1"], ["4", "1"], ["5"])).toEqual(["1", "  2", "    3", "  4", "5"]);
});

test("a parent that was never pushed is a line of its own", () => {
  expect(tree(["2", "1"], ["3", "1"])).toEqual(["1 (unknown)", "  2", "  3"]);
});

test("versions that name each other in a circle are there all the same", () => {
  expect(tree(["1", "2"], ["2", "1"], ["3", "3"])).toEqual(["1", "  2", "3"]);
});

test("whatever people write, every version is there exactly once, and below its parent unless that is below itself", () => {
  const name = fc.constantFrom("1", "2", "3", "4", "5", "6");
  const versions = fc.uniqueArray(fc.record({ version: name, parent: fc.option(name, { nil: undefined }) }), {
    selector: ({ version }) => version,
  });
  fc.assert(
    fc.property(versions, (all) => {
      const lines = lineageOf(all);
      expect(new Set(lines.map(({ version }) => version)).size).toBe(lines.length);
      for (const { version } of all) expect(lines.some((line) => line.version === version)).toBe(true);
      for (const [i, { depth, known }] of lines.entries()) {
        if (depth === 0) continue;
        const above = lines.slice(0, i).findLast((line) => line.depth < depth);
        expect(above?.version).toBe(known?.parent);
      }
    }),
  );
});
