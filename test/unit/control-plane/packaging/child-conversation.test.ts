import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { forkChild } from "../../../../control-plane/packaging/child-conversation.ts";

const file = fileURLToPath(new URL("../../../support/children/tell-environment.ts", import.meta.url));

test("a foreign model finds no secret in its process's environment, and onnxruntime sends nothing to its maker", async () => {
  process.env["SEDGE_TOKEN"] = "a secret";
  const child = forkChild({ file, execArgv: ["--import", import.meta.resolve("tsx")] });
  const [told] = (await once(child, "message")) as [{ readonly variables: Readonly<Record<string, string>> }];
  delete process.env["SEDGE_TOKEN"];
  expect(told.variables).toMatchObject({ ORT_DISABLE_TELEMETRY: "1" });
  expect(told.variables).not.toHaveProperty("SEDGE_TOKEN");
});
