import { expect, test } from "vitest";
import type { DriftRow } from "../../../../control-plane/application/drift-watch.ts";
import { driftColumns } from "../../../../control-plane/cli/drift-columns.ts";
import { formatTable } from "../../../../control-plane/cli/table.ts";
import { aModel, aVersion } from "../../../support/messages.ts";

function row(changes: Partial<DriftRow>): DriftRow {
  return {
    model: aModel,
    version: aVersion,
    scopeKind: "device",
    scope: "cam-1",
    stream: "input.brightness",
    samples: 200,
    psi: 0.1,
    psiExcess: 0,
    jensenShannon: 0.1,
    ks: undefined,
    state: "quiet",
    reason: "",
    judgedAtMs: 0,
    ...changes,
  };
}

function table(...rows: readonly DriftRow[]): readonly string[] {
  return formatTable(rows, driftColumns(60_000, rows), "", (_, text) => text)
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/).slice(6, -1).join(" | "));
}

test("the detectors have no column while they find nothing, or nobody knows", () => {
  expect(table(row({}), row({ farOutsideShare: 0, stuckShare: 0, notFiniteShare: 0 }))[0]).toBe("EXCESS | JS | KS");
});

test("what one of them found has a column, and the others none", () => {
  expect(table(row({}), row({ farOutsideShare: 0, stuckShare: 0.25, notFiniteShare: 0 }))).toEqual([
    "EXCESS | JS | KS | STUCK",
    "0.000 | 0.100 | – | –",
    "0.000 | 0.100 | – | 25.0 %",
  ]);
});
