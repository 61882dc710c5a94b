import { styleText } from "node:util";

/** Tells the demo's story on a terminal; on anything else in plain lines, without the moving one. */
export interface Narrator {
  act(number: number, title: string): void;
  /** The command that does the same by hand. */
  command(line: string): void;
  /** One line that is drawn again in place while something goes on. */
  live(line: string): void;
  done(line: string): void;
  bad(line: string): void;
  note(line: string): void;
}

export interface NarratorOutput {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

export function createNarrator(output: NarratorOutput, elapsedMs: () => number): Narrator {
  let liveShown = false;
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    output.isTTY && process.env["NO_COLOR"] === undefined ? styleText(format, text) : text;

  function line(text: string): void {
    if (liveShown) output.write("\r\u001B[2K");
    liveShown = false;
    output.write(`${text}\n`);
  }

  return {
    act(number, title) {
      line("");
      line(style("bold", `  ${number}  ${title}`));
    },
    command(text) {
      line(style("dim", `     $ sedge ${text}`));
    },
    live(text) {
      if (!output.isTTY) return;
      const width = Math.max(20, output.columns - 1);
      output.write(`\r\u001B[2K${style("cyan", "     ●")} ${text.slice(0, width - 8)}`);
      liveShown = true;
    },
    done(text) {
      line(`     ${style("green", "✓")} ${clockTime(elapsedMs())}  ${text}`);
    },
    bad(text) {
      line(`     ${style("red", "✗")} ${clockTime(elapsedMs())}  ${text}`);
    },
    note(text) {
      line(text === "" ? "" : `     ${text}`);
    },
  };
}

/** Example: 65,000 ms are "1:05". */
export function clockTime(ms: number): string {
  const wholeSeconds = Math.floor(ms / 1000);
  return `${Math.floor(wholeSeconds / 60)}:${String(wholeSeconds % 60).padStart(2, "0")}`;
}

/** Example: bar(3, 12, 8) is "██░░░░░░". */
export function bar(part: number, whole: number, width: number): string {
  const filled = whole === 0 ? 0 : Math.round((part / whole) * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}
