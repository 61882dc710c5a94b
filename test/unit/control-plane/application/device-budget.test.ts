import { expect, test } from "vitest";
import { createDeviceBudget } from "../../../../control-plane/application/device-budget.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import { hours } from "../../../../proto/units.ts";

const [loud, calm] = [parseDeviceId("loud-1"), parseDeviceId("calm-1")];

test("a day's worth at once, then by the hour; each device has its own", () => {
  let now = 0;
  const budget = createDeviceBudget(2_400, () => now);
  budget.charge(loud, 2_399);
  expect(budget.mayStore(loud)).toBe("yes");
  budget.charge(loud, 1);
  expect(budget.mayStore(loud)).toBe("no, for the first time today");
  expect(budget.mayStore(loud)).toBe("no");
  expect(budget.mayStore(calm)).toBe("yes");
  now = hours(1) - 1;
  expect(budget.mayStore(loud)).toBe("no");
  now = hours(0.5);
  expect(budget.mayStore(loud)).toBe("no");
  now = hours(1.5);
  expect(budget.mayStore(loud)).toBe("yes");
  // What was on its way when the last of it was used up is owed.
  budget.charge(loud, 2_500);
  now = hours(25);
  expect(budget.mayStore(loud)).toBe("no, for the first time today");
  now = hours(26);
  expect(budget.mayStore(loud)).toBe("yes");
});
