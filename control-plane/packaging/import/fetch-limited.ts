/** Something could not be fetched, for the reason in the message. */
export class FetchError extends Error {
  override readonly name = "FetchError";
}

export interface FetchLimits {
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with a status of 200, its body cut off with a FetchError where it is larger than allowed. Redirects: as `fetch` has them. */
export async function fetchLimited(
  url: URL,
  { bytes, signal, headers = {} }: FetchLimits,
): Promise<AsyncIterable<Uint8Array>> {
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new FetchError(`${url.protocol}//… is not fetched: only http and https are`);
  const response = await fetch(url, { signal, headers }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new FetchError(`${shown(url)} cannot be reached: ${reasonOf(cause)}`, { cause });
  });
  if (!response.ok || response.body === null) {
    const said = (await response.text().catch(() => "")).slice(0, 300).trim();
    throw new FetchError(`${shown(url)} answered ${response.status}${said === "" ? "" : `: ${said}`}`);
  }
  return cutOff(response.body as AsyncIterable<Uint8Array>, url, bytes);
}

export async function fetchJson(url: URL, limits: FetchLimits): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await fetchLimited(url, limits)) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new FetchError(`${shown(url)} did not answer with JSON`, { cause });
  }
}

async function* cutOff(body: AsyncIterable<Uint8Array>, url: URL, bytes: number): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    if (received > bytes) throw new FetchError(`${shown(url)} is larger than ${bytes} bytes`);
    yield chunk;
  }
}

/** Without a user's name and password. */
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** `fetch` hides what went wrong in the cause of its error. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
