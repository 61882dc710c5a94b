import { expect, it } from "vitest";
import { unknownFlagWarnings } from "../../../../control-plane/packaging/unknown-flag-warnings.ts";

const variant = (id: string, ...cpuFlags: readonly string[]) => ({
  id,
  requires: { architectures: undefined, cpuFlags, memoryBytes: 0 },
});

it("tells a flag that no edge agent tells, with the variant that asks for it", () => {
  const [warning, ...others] = unknownFlagWarnings([
    variant("fp32"),
    variant("int8", "avx512_vnni|avx_vnni|asimd"),
    variant("fp16", "asimdhp|avx512_fp16"),
    variant("mistyped", "i8mm", "asimdpp|avx2"),
  ]);
  expect(warning).toMatch(/^variants\.mistyped: no edge agent tells the CPU flag asimdpp, .*known: avx2, /);
  expect(others).toEqual([]);
});
