import type { DeviceProfile } from "../../../proto/messages.ts";
import { mebibytes } from "../../../proto/units.ts";

export interface BrowserFacts {
  readonly userAgent: string;
  /** GiB, in powers of two and never more than 8, where the browser tells it. */
  readonly deviceMemory?: number;
}

/** One WebAssembly memory of 32-bit addresses holds no more. */
const largestMemoryBytes = mebibytes(4_096);
/** Where the browser does not tell: what a small tablet has. */
const assumedMemoryBytes = mebibytes(2_048);

/**
 * What this browser can run. Its processor's own features stay hidden from a page; the runtime needs 128-bit vectors of WebAssembly,
 * which every browser since 2023 has.
 */
export function browserProfile(
  facts: BrowserFacts,
  hardware: string | undefined,
  runtime: { readonly name: string; readonly version: string },
): DeviceProfile {
  return {
    architecture: "wasm32",
    operatingSystem: browserIn(facts.userAgent),
    cpuFlags: ["simd128"],
    memoryBytes: memoryOf(facts),
    runtimes: [runtime],
    hardware: hardware ?? "browser",
  };
}

export function memoryOf({ deviceMemory }: Pick<BrowserFacts, "deviceMemory">): number {
  const memoryBytes = deviceMemory === undefined ? assumedMemoryBytes : deviceMemory * mebibytes(1_024);
  return Math.min(memoryBytes, largestMemoryBytes);
}

/** "Chrome 147 on Linux": what a person wants to know, and no more of what makes one browser different from all others. */
export function browserIn(userAgent: string): string {
  // The order matters: Edge and Opera also say Chrome, and Chrome also says Safari.
  const names = [
    ["Edge", /Edg(?:e|A|iOS)?\/(\d+)/],
    ["Opera", /OPR\/(\d+)/],
    ["Samsung Internet", /SamsungBrowser\/(\d+)/],
    ["Firefox", /(?:Firefox|FxiOS)\/(\d+)/],
    ["Chrome", /(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/],
    ["Safari", /(?:Macintosh|iPhone|iPad|iPod).*Version\/(\d+).*Safari/],
    // What else is built on WebKit, such as GNOME Web, also says Safari.
    ["WebKit", /AppleWebKit\/(\d+)/],
  ] as const;
  const systems = [
    ["Android", /Android/],
    ["iOS", /iPhone|iPad|iPod/],
    ["ChromeOS", /CrOS/],
    ["Windows", /Windows/],
    ["macOS", /Macintosh/],
    ["Linux", /Linux/],
  ] as const;
  const [name, version] = names
    .map(([known, grammar]) => [known, grammar.exec(userAgent)?.[1]] as const)
    .find(([, found]) => found !== undefined) ?? ["browser", undefined];
  const system = systems.find(([, grammar]) => grammar.test(userAgent))?.[0];
  return [name, version, system && `on ${system}`].filter(Boolean).join(" ");
}
