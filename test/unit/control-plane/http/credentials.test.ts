import { expect, test } from "vitest";
import { deviceCredential } from "../../../../control-plane/http/credentials.ts";

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

test("a basic credential is the device id, a colon and the secret, which may hold colons itself", () => {
  expect(deviceCredential(basic("cam-1:a:b"))).toEqual({ device: "cam-1", secret: "a:b" });
});

test.each([
  ["none", undefined],
  ["another scheme", "Bearer abc"],
  ["no base64", "Basic ***"],
  ["no UTF-8", `Basic ${Buffer.from([0xff, 0xfe, 0x3a]).toString("base64")}`],
  ["no colon", basic("cam-1")],
  ["no device id", basic("../cam:secret")],
  ["more than a credential has", basic(`cam-1:${"x".repeat(1000)}`)],
])("%s is no device's credential", (_what, header) => {
  expect(deviceCredential(header)).toBeUndefined();
});
