import { expect, it } from "vitest";
import { deviceClassOf } from "../../../../control-plane/domain/device-class.ts";

it.each([
  ["x64", ["avx2", "avx_vnni"], "x64 vnni"],
  ["x64", ["avx2", "avx512f", "avx512_vnni"], "x64 vnni"],
  ["x64", ["avx2"], "x64 avx2"],
  ["x64", [], "x64"],
  ["arm64", ["neon", "asimd", "asimddp", "i8mm"], "arm64 i8mm"],
  ["arm64", ["asimd", "asimddp"], "arm64 dotprod"],
  ["arm64", ["asimd"], "arm64"],
])("%s with %j is of the class %s", (architecture, cpuFlags, name) => {
  expect(deviceClassOf({ architecture, cpuFlags }, "onnxruntime-node 1.30.0")).toBe(name);
});

it("is one for WebAssembly, whose instructions are the same on every processor", () => {
  expect(deviceClassOf({ architecture: "arm64", cpuFlags: ["i8mm"] }, "onnxruntime-web")).toBe("arm64 wasm");
});
