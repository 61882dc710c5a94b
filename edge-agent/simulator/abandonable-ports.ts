import type { Clock } from "../core/ports.ts";

/**
 * Lets an agent die at a chosen moment, as in a power cut: from then on no call that it makes does anything, and none of its
 * promises settle. What it had stored stays; start another agent over the same stores.
 */
export class PowerSwitch {
  readonly #cutAtCall: number;
  #calls = 0;
  #isCut = false;
  #onCut: () => void = () => undefined;
  /** Settles when the power was cut. */
  readonly cut: Promise<void> = new Promise((resolve) => {
    this.#onCut = resolve;
  });

  /** `cutAtCall`: the power goes just before the call with this number, counted from 1. */
  constructor(cutAtCall = Number.POSITIVE_INFINITY) {
    this.#cutAtCall = cutAtCall;
  }

  get calls(): number {
    return this.#calls;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  cutNow(): void {
    this.#isCut = true;
    this.#onCut();
  }

  /** The same port, on this power. Each call that answers a promise is one that the power can be cut before. */
  power<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (value instanceof Promise) return this.#whilePowered(value);
        if (typeof value === "function") return (...args: unknown[]) => this.#call(value, target, args, key);
        return isPort(value) ? this.power(value) : value;
      },
    });
  }

  /** Time is no effect: a sleep is not counted, but an agent without power does not wake from one. */
  powerClock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => this.#whilePowered(clock.sleep(ms, signal)),
    };
  }

  #call(method: unknown, target: object, args: readonly unknown[], key: string | symbol): unknown {
    // Listening for the next message is no effect either; neither is what answers at once (a digest's place, an extent, the log).
    if (this.#isCut && isAsyncMethod(method, key)) return new Promise(() => undefined);
    if (isAsyncMethod(method, key) && key !== "next") {
      this.#calls++;
      if (this.#calls >= this.#cutAtCall) {
        this.cutNow();
        return new Promise(() => undefined);
      }
    }
    const result: unknown = Reflect.apply(method as (...args: unknown[]) => unknown, target, [...args]);
    if (result instanceof Promise)
      return this.#whilePowered(result.then((value) => (isPort(value) ? this.power(value) : value)));
    return isPort(result) && (key === Symbol.asyncIterator || key === "fetch") ? this.power(result) : result;
  }

  #whilePowered<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => {
          if (!this.#isCut) resolve(value);
        },
        (error: unknown) => {
          if (!this.#isCut) reject(error as Error);
        },
      );
    });
  }
}

function isAsyncMethod(method: unknown, key: string | symbol): boolean {
  return (
    key === "next" ||
    key === "return" ||
    key === Symbol.asyncDispose ||
    (method as { readonly constructor: { readonly name: string } }).constructor.name === "AsyncFunction"
  );
}

/** Objects with methods of their own that answer later: connections, workers, partial files, streams of bytes. */
function isPort(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return (
    Symbol.asyncIterator in value ||
    Symbol.asyncDispose in value ||
    "publish" in value ||
    "infer" in value ||
    "next" in value
  );
}
