import { hexOf } from "../../../proto/bytes.ts";
import type { Random } from "../../core/ports.ts";

export const browserRandom: Random = {
  next: () => Math.random(),
  hex: (bytes) => hexOf(crypto.getRandomValues(new Uint8Array(bytes))),
};
