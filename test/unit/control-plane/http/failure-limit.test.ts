import { expect, test } from "vitest";
import { createFailureLimit } from "../../../../control-plane/http/failure-limit.ts";

function limitAt(clock: { now: number }) {
  return createFailureLimit(() => clock.now);
}

test("twenty failures are forgiven, then one in five seconds", () => {
  const clock = { now: 0 };
  const limit = limitAt(clock);
  for (let i = 0; i < 20; i++) {
    expect(limit.allows("10.0.0.1")).toBe(true);
    limit.failed("10.0.0.1");
  }
  expect(limit.allows("10.0.0.1")).toBe(false);
  clock.now += 4_999;
  expect(limit.allows("10.0.0.1")).toBe(false);
  clock.now += 1;
  expect(limit.allows("10.0.0.1")).toBe(true);
});

test("asking costs nothing, and one address does not slow another", () => {
  const limit = limitAt({ now: 0 });
  for (let i = 0; i < 100; i++) expect(limit.allows("10.0.0.1")).toBe(true);
  for (let i = 0; i < 20; i++) limit.failed("10.0.0.1");
  expect(limit.allows("10.0.0.1")).toBe(false);
  expect(limit.allows("10.0.0.2")).toBe(true);
});

test("who has a network of IPv6 addresses has no more attempts than who has one", () => {
  const limit = limitAt({ now: 0 });
  for (let i = 0; i < 20; i++) limit.failed(`2001:db8:1:2::${i}`);
  expect(limit.allows("2001:db8:1:2::99")).toBe(false);
  expect(limit.allows("2001:db8:1:3::99")).toBe(true);
});

test("remembers ten thousand addresses and forgets the one that failed longest ago", () => {
  const limit = limitAt({ now: 0 });
  for (let i = 0; i < 20; i++) limit.failed("first");
  for (let i = 0; i < 9_999; i++) limit.failed(`other-${i}`);
  expect(limit.allows("first")).toBe(false);
  limit.failed("one-more");
  expect(limit.allows("first")).toBe(true);
});
