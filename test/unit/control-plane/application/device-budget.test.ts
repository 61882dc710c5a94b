import { expect, test } from "vitest";
import { createDeviceBudget } from "../../../../control-plane/application/device-budget.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import { hours } from "../../../../proto/units.ts";

const [loud, calm] = [parseDeviceId("loud-1"), parseDeviceId("calm-1")];

test("a day's worth at once, then as the day goes on; each device has its own", () => {
  let now = 0;
  const budget = createDeviceBudget(2_400, () => now);
  expect(budget.take(loud, 2_400)).toBe("taken");
  expect(budget.take(loud, 1)).toBe("refused for the first time today");
  expect(budget.take(loud, 1)).toBe("refused");
  expect(budget.take(calm, 2_400)).toBe("taken");
  now = hours(1);
  expect(budget.take(loud, 101)).toBe("refused");
  expect(budget.take(loud, 100)).toBe("taken");
  now = hours(0.5);
  expect(budget.take(loud, 1)).toBe("refused");
  now = hours(24 * 9);
  expect(budget.take(loud, 2_401)).toBe("refused for the first time today");
  expect(budget.take(loud, 2_400)).toBe("taken");
});
