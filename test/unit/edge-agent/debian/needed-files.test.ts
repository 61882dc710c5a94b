import { describe, expect, it } from "vitest";
import { isNeeded, isRunDependency } from "../../../../edge-agent/debian/needed-files.ts";

describe("what goes into the .deb", () => {
  it("is one platform of onnxruntime", () => {
    const library = (platform: string) => `bin/napi-v6/${platform}/libonnxruntime.so.1`;
    const taken = (architecture: "amd64" | "arm64") =>
      ["linux/x64", "linux/arm64", "darwin/arm64", "win32/x64"].filter((platform) =>
        isNeeded("onnxruntime-node", library(platform), architecture),
      );
    expect(taken("amd64")).toEqual(["linux/x64"]);
    expect(taken("arm64")).toEqual(["linux/arm64"]);
    expect(isNeeded("onnxruntime-node", "script/install.js", "amd64")).toBe(false);
    expect(isRunDependency("onnxruntime-node", "adm-zip")).toBe(false);
    expect(isRunDependency("onnxruntime-node", "onnxruntime-common")).toBe(true);
    expect(isNeeded("onnxruntime-web", "dist/ort-wasm-simd-threaded.wasm", "amd64")).toBe(true);
    expect(isNeeded("onnxruntime-web", "dist/ort-wasm-simd-threaded.jsep.wasm", "amd64")).toBe(false);
  });

  it("is what Node loads, and every licence", () => {
    const kept = ["dist/cjs/index.js", "package.json", "LICENSE.md", "dist/cjs/tensor.js"];
    const left = [
      "lib/index.ts",
      "dist/cjs/index.d.ts",
      "dist/cjs/index.js.map",
      "README.md",
      "lib/index.js",
      "test.js",
    ];
    expect([...kept, ...left].filter((path) => isNeeded("onnxruntime-common", path, "amd64"))).toEqual(kept);
  });
});
