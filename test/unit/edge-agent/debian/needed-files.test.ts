import { describe, expect, it } from "vitest";
import { isAgentFile, isNeeded, isRunDependency } from "../../../../edge-agent/debian/needed-files.ts";

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
    const kept = ["build/index.js", "package.json", "LICENSE.md", "build/lib/client.js"];
    const left = [
      "build/index.d.ts",
      "build/index.js.map",
      "README.md",
      "dist/mqtt.min.js",
      "test/abstract.js",
      "test.js",
    ];
    expect([...kept, ...left].filter((path) => isNeeded("mqtt", path, "amd64"))).toEqual(kept);
    // Not every folder of this name is documentation.
    expect(isNeeded("yaml", "dist/doc/directives.js", "amd64")).toBe(true);
  });

  it("is the agent without simulator, browser and tools", () => {
    const kept = [
      "proto/codec.js",
      "proto/generated/sedge.js",
      "edge-agent/core/agent.js",
      "edge-agent/daemon/main.js",
      "edge-agent/adapters/node/node-crypto.js",
      "edge-agent/adapters/portable/mqtt-bus.js",
    ];
    const left = [
      "edge-agent/adapters/browser/web-crypto.js",
      "edge-agent/browser/start-agent.js",
      "device-page/agent.js",
      "edge-agent/simulator/main.js",
      "edge-agent/debian/main.js",
      "edge-agent/adapters/memory/virtual-clock.js",
      "control-plane/cli/main.js",
      "edge-agent/core/agent.js.map",
      "proto/generate.js",
      "test/bench/main.js",
    ];
    expect([...kept, ...left].filter(isAgentFile)).toEqual(kept);
  });
});
