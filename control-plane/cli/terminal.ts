import type { WriteStream } from "node:tty";
import { styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
/** The text in a style, or as it is where nobody would see colours. */
export type Paint = (style: Style, text: string) => string;

/** Where a command writes: results to `out`, everything about them to `err`. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** A person looks at `out`, so it may move and be coloured. */
  readonly isTTY: boolean;
  readonly isErrorTTY: boolean;
  readonly columns: () => number;
  readonly rows: () => number;
  /** Where tables break their long column; undefined where no person looks, because lines are for grep there. */
  readonly width: () => number | undefined;
  readonly paint: Paint;
  readonly paintError: Paint;
}

type Stream = Pick<WriteStream, "write"> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export function createTerminal(
  out: Stream,
  err: Stream,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  const isTTY = out.isTTY === true && environment["TERM"] !== "dumb";
  return {
    out: (text) => void out.write(text),
    err: (text) => void err.write(text),
    isTTY,
    isErrorTTY: err.isTTY === true,
    // Some terminals say 0: they do not know.
    columns: () => out.columns || 100,
    rows: () => out.rows || 50,
    width: () => (isTTY ? out.columns || 100 : undefined),
    paint: paintFor(isTTY, environment),
    paintError: paintFor(err.isTTY === true, environment),
  };
}

/** https://no-color.org: NO_COLOR, when it is there and not empty, whatever its value. */
function paintFor(isTTY: boolean, environment: Readonly<Record<string, string | undefined>>): Paint {
  return isTTY && !environment["NO_COLOR"] ? (style, text) => styleText(style, text) : (_style, text) => text;
}

/**
 * Text that came from devices and other people, safe to print: control characters, which could move the cursor, retitle the
 * window or hide what follows, become visible.
 */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\u{fffd}");
}
