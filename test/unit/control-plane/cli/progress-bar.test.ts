import { expect, test } from "vitest";
import { progressBar } from "../../../../control-plane/cli/progress-bar.ts";

function aTerminal(isErrorTTY: boolean) {
  const written: string[] = [];
  let now = 0;
  const bar = progressBar({ err: (text) => void written.push(text), isErrorTTY }, () => now);
  return { written, bar, at: (ms: number) => (now = ms) };
}

test("says how far the work is and how long it will take, and leaves nothing behind", () => {
  const { written, bar, at } = aTerminal(true);
  bar.begin("calibrating", 8);
  at(3_000);
  bar.advance(2);
  expect(written.at(-1)).toBe("\r\u001B[Kcalibrating  ██████░░░░░░░░░░░░░░░░░░  25 %, 9s left");
  at(3_050);
  bar.advance(3);
  expect(written).toHaveLength(1);
  bar.end();
  expect(written.at(-1)).toBe("\r\u001B[K");
});

test("shows nothing of what is over within a second", () => {
  const { written, bar, at } = aTerminal(true);
  bar.begin("inspecting", 2);
  at(900);
  bar.advance(1);
  bar.begin("running", 2);
  at(1_800);
  bar.advance(1);
  bar.end();
  expect(written).toEqual([]);
});

test("writes one line for each piece of work where nobody looks", () => {
  const { written, bar, at } = aTerminal(false);
  bar.begin("calibrating", 10);
  for (let done = 1; done < 10; done++) {
    at(1_000 * done);
    bar.advance(done);
  }
  bar.begin("measuring", 2);
  bar.end();
  expect(written).toEqual(["calibrating …\n"]);
});
