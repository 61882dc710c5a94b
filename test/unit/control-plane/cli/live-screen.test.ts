import { expect, test } from "vitest";
import { createLiveScreen, cutToWidth } from "../../../../control-plane/cli/live-screen.ts";

// oxlint-disable-next-line no-control-regex
const sequences = /\u001B\[(?:(\d+)A|([KJ]))|[^]/g;

/** Just enough of a terminal: text, newline, carriage return, cursor up, erase to the end of line and of screen. */
function terminal() {
  const rows: string[] = [""];
  let row = 0;
  let column = 0;
  return {
    rows: () => rows.filter((text, i) => i < rows.length - 1 || text !== ""),
    write: (text: string) => {
      for (const [part, up, erase] of text.matchAll(sequences)) {
        if (up !== undefined) row -= Number(up);
        else if (erase === "K") rows[row] = (rows[row] as string).slice(0, column);
        else if (erase === "J") {
          rows.length = row + 1;
          rows[row] = (rows[row] as string).slice(0, column);
        } else if (part === "\n") {
          row++;
          column = 0;
          rows[row] ??= "";
        } else if (part === "\r") column = 0;
        else {
          const line = (rows[row] as string).padEnd(column);
          rows[row] = line.slice(0, column) + part + line.slice(column + 1);
          column++;
        }
      }
    },
  };
}

test("a picture takes the place of the one before, longer or shorter", () => {
  const { rows, write } = terminal();
  const screen = createLiveScreen(
    write,
    () => 80,
    () => 24,
  );
  write("$ sedge rollout watch r1\n");
  screen.draw(["running", "canary 1/3"]);
  screen.draw(["running for long", "canary 2/3", "gate pending"]);
  expect(rows()).toEqual(["$ sedge rollout watch r1", "running for long", "canary 2/3", "gate pending"]);
  screen.draw(["complete"]);
  expect(rows()).toEqual(["$ sedge rollout watch r1", "complete"]);
});

test("a picture that is higher than the terminal is cut, so that the next one finds its place", () => {
  const { rows, write } = terminal();
  const screen = createLiveScreen(
    write,
    () => 80,
    () => 4,
  );
  screen.draw(["one", "two", "three", "four"]);
  expect(rows()).toEqual(["one", "two", "…"]);
  screen.draw(["one", "two", "three"]);
  expect(rows()).toEqual(["one", "two", "three"]);
});

test("a line that would wrap is cut", () => {
  const { rows, write } = terminal();
  createLiveScreen(
    write,
    () => 10,
    () => 24,
  ).draw(["a very long explanation", "next"]);
  expect(rows()).toEqual(["a very lon", "next"]);
});

test("colours take no room, and a cut closes them", () => {
  expect(cutToWidth("\u001B[31mred\u001B[39m text", 8)).toBe("\u001B[31mred\u001B[39m text");
  expect(cutToWidth("\u001B[31mabcdef\u001B[39m", 3)).toBe("\u001B[31mabc\u001B[0m");
});
