import { expect, test } from "vitest";
import { readConfig } from "../../../../control-plane/server/config.ts";
import { httpBinding } from "../../../../control-plane/server/http-binding.ts";

test("every connection that is refused is counted by why, and few of them fill no log", async () => {
  const { http } = await readConfig({ environment: {} });
  const logged: unknown[] = [];
  const binding = httpBinding(http, () => false, { warn: (fields) => void logged.push(fields) }, { now: () => 0 });
  for (let n = 0; n < 1_000; n++) binding.onRefused?.("203.0.113.7");
  binding.onRefused?.("");
  expect(binding.refused()).toEqual({ "too-many-connections": 1, "too-many-of-address": 1_000 });
  expect(logged[0]).toMatchObject({ address: "203.0.113.7" });
  expect(logged.length).toBeLessThan(100);
});
