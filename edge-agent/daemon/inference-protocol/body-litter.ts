import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { mebibytes } from "../../../proto/units.ts";

/** About seven images of 600 KB. */
const collectAfter = mebibytes(4);

/**
 * The pieces in which bodies arrive are young and lie outside of V8's heap, but V8 counts them towards the size at which it looks
 * through all that is old: with Node 20 about every 10 MB, for things that were dead at once, and 10 to 30 ms each time with the
 * daemon's heap of 20 MB. A look at what is young took 0.2 to 4 ms there (--trace-gc, on a busy machine), and frees the same.
 */
export class BodyLitter {
  readonly #collect = youngCollector();
  #bytes = 0;

  /** A body was read: its pieces are no longer needed. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < collectAfter) return;
    this.#bytes = 0;
    // While the model works on it.
    setImmediate(() => this.#collect({ type: "minor" }));
  }
}

type Collector = (options: { readonly type: "minor" }) => void;

/** V8's own function for it, which new contexts have while the flag is set. */
function youngCollector(): Collector {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collector;
  setFlagsFromString("--no-expose-gc");
  return collect;
}
