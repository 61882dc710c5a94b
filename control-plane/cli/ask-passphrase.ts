import { setTimeout as wait } from "node:timers/promises";
import type { Session } from "./session.ts";

/** Where passphrases come from: $SEDGE_KEY_PASSPHRASE, or whoever sits at the terminal; undefined where there is nobody. */
export function passphraseSource({ environment, terminal, signal }: Session) {
  return async (question: string): Promise<string | undefined> => {
    const given = environment["SEDGE_KEY_PASSPHRASE"];
    if (given !== undefined && given !== "") return given;
    if (!terminal.isErrorTTY || !process.stdin.isTTY) return undefined;
    terminal.err(question);
    return readHidden(terminal.err, signal);
  };
}

/** One line from the terminal that is not shown. Rejects with the signal's reason on Ctrl-C. */
async function readHidden(write: (text: string) => void, signal: AbortSignal): Promise<string> {
  const { stdin } = process;
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  let text = "";
  try {
    // Leaving an ordinary loop over a stream destroys it, and there may be a second question.
    for await (const typed of stdin.iterator({ destroyOnReturn: false }) as AsyncIterable<string>)
      for (const character of typed) {
        if (character === "\r" || character === "\n") return text;
        // Raw mode hands over what would otherwise be a signal.
        if (character === "\u0003") {
          process.kill(process.pid, "SIGINT");
          // It arrives in the next turn of the event loop, which the wait keeps alive for it.
          await wait(1_000, undefined, { signal });
          throw new Error("interrupted");
        }
        if (character === "\u007f" || character === "\b") text = text.slice(0, -1);
        else text += character;
      }
    return text;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    write("\n");
  }
}
