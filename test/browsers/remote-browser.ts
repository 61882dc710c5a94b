/** A browser that is driven from outside, in the words of the W3C's WebDriver, whichever way it takes them. */
export interface RemoteBrowser extends AsyncDisposable {
  /** Such as "firefox 153.7.0". */
  readonly name: string;
  open(address: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs the body of an async function in the page; answers what it returns. */
  run<T>(body: string): Promise<T>;
  screenshot(): Promise<Uint8Array>;
  tab(): Promise<string>;
  newTab(): Promise<string>;
  switchTo(tab: string): Promise<void>;
  /** The one that is shown; another must be switched to then. */
  closeTab(): Promise<void>;
  resize(width: number, height: number): Promise<void>;
}

/** Commands with the names that they have in Firefox's own protocol. */
export type Command =
  | "Navigate"
  | "Refresh"
  | "ExecuteAsyncScript"
  | "TakeScreenshot"
  | "GetWindowHandle"
  | "NewWindow"
  | "SwitchToWindow"
  | "CloseWindow"
  | "SetWindowRect";

export type Send = (command: Command, parameters: object) => Promise<unknown>;

export class PageError extends Error {
  override readonly name = "PageError";
}

export function remoteBrowser(name: string, send: Send, close: () => Promise<void>): RemoteBrowser {
  return {
    name,
    open: async (url) => void (await send("Navigate", { url })),
    reload: async () => void (await send("Refresh", {})),
    async run<T>(body: string) {
      const script = `
        const tell = arguments[arguments.length - 1];
        (async () => { ${body} })().then((value) => tell(JSON.stringify({ value })),
          (error) => tell(JSON.stringify({ error: String(error) })));`;
      const text = (await send("ExecuteAsyncScript", { script, args: [] })) as string;
      const { value, error } = JSON.parse(text) as { readonly value?: T; readonly error?: string };
      if (error !== undefined) throw new PageError(error);
      return value as T;
    },
    screenshot: async () => Buffer.from((await send("TakeScreenshot", { full: true })) as string, "base64"),
    tab: async () => (await send("GetWindowHandle", {})) as string,
    newTab: async () => ((await send("NewWindow", { type: "tab" })) as { readonly handle: string }).handle,
    switchTo: async (handle) => void (await send("SwitchToWindow", { handle })),
    closeTab: async () => void (await send("CloseWindow", {})),
    resize: async (width, height) => void (await send("SetWindowRect", { width, height })),
    [Symbol.asyncDispose]: close,
  };
}
