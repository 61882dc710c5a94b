import { randomBytes } from "node:crypto";
import type { Ids } from "../application/ports.ts";

/** Example: "r-mi8w3k2a-9f3c1b". Nine digits of base 36 hold the milliseconds of the next thousand years. */
export const randomIds: Ids = {
  next: (prefix) => `${prefix}-${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`,
};
