import { describe, expect, test } from "vitest";
import { addressGroup, createAddressCap, exemptAddresses } from "../../../../control-plane/messaging/address-limits.ts";
import { createAddressPace } from "../../../../control-plane/messaging/address-pace.ts";

test.each([
  ["10.0.0.7", "10.0.0.7"],
  ["::ffff:10.0.0.7", "10.0.0.7"],
  ["2001:db8::5:6:7", "2001:db8:0:0"],
  ["2001:DB8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["::", "0:0:0:0"],
  ["2001:db8:1:2::", "2001:db8:1:2"],
])("%s is counted as %s", (address, group) => {
  expect(addressGroup(address)).toBe(group);
});

describe("an address has so many connections", () => {
  const cap = () => createAddressCap(2, exemptAddresses(["10.9.9.9"]));

  test("and gets another one when one has ended", () => {
    const addresses = cap();
    expect(["2001:db8::1", "2001:db8::2", "2001:db8::3"].map((address) => addresses.enter(address))).toEqual([
      true,
      true,
      false,
    ]);
    expect(addresses.enter("2001:db8:1::1")).toBe(true);
    addresses.leave("2001:db8::2");
    expect(addresses.enter("2001:db8::3")).toBe(true);
  });

  test.each(["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "10.9.9.9", undefined])(
    "but %s has any",
    (address) => {
      const addresses = cap();
      for (let n = 0; n < 9; n++) expect(addresses.enter(address)).toBe(true);
      for (let n = 0; n < 9; n++) addresses.leave(address);
    },
  );
});

test("a pace is one address's own, and ten thousand of them are remembered", () => {
  const pace = createAddressPace({ perSecond: 0, burst: 1 }, exemptAddresses([]), () => 0);
  expect([pace.take("10.0.0.1"), pace.take("10.0.0.1"), pace.take("10.0.0.2")]).toEqual([true, false, true]);
  for (let n = 0; n < 10_000; n++) pace.take(`10.1.${n >> 8}.${n & 255}`);
  expect(pace.take("10.0.0.1")).toBe(true);
});
