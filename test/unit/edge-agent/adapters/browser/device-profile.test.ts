import { describe, expect, it } from "vitest";
import { browserIn, browserProfile } from "../../../../../edge-agent/adapters/browser/device-profile.ts";

const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36";

it.each([
  [chrome, "Chrome 147 on Linux"],
  [chrome.replace("Chrome/", "HeadlessChrome/"), "Chrome 147 on Linux"],
  [`${chrome.replace("X11; Linux x86_64", "Windows NT 10.0; Win64; x64")} Edg/147.0.0.0`, "Edge 147 on Windows"],
  [chrome.replace("X11; Linux x86_64", "Linux; Android 14; SM-X200"), "Chrome 147 on Android"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 on Linux"],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
    "Safari 18 on macOS",
  ],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/60.5 Safari/605.1.15",
    "WebKit 605 on Linux",
  ],
  ["something of its own", "browser"],
])("%s is %s", (userAgent, name) => {
  expect(browserIn(userAgent)).toBe(name);
});

describe("the memory of a page", () => {
  const runtime = { name: "onnxruntime-web", version: "1" };
  const memoryOf = (deviceMemory?: number) =>
    browserProfile({ userAgent: chrome, ...(deviceMemory !== undefined && { deviceMemory }) }, undefined, runtime)
      .memoryBytes;

  it("is what the browser tells, and never more than WebAssembly can address", () => {
    expect(memoryOf(0.5)).toBe(512 * 1024 * 1024);
    expect(memoryOf(8)).toBe(4 * 1024 ** 3);
  });

  it("is that of a small tablet where the browser tells nothing", () => {
    expect(memoryOf()).toBe(2 * 1024 ** 3);
  });
});
