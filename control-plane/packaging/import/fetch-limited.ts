/** Something could not be fetched, for the reason in the message. */
export class FetchError extends Error {
  override readonly name = "FetchError";
}

export interface FetchLimits {
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

const mostRedirects = 5;

/**
 * The body of a successful answer, cut off with a FetchError where it is larger than allowed. At most five redirects are followed, never
 * from https to http, and another origin does not get to see the headers, which hold credentials.
 */
export async function fetchLimited(
  url: URL,
  { bytes, signal, headers = {} }: FetchLimits,
): Promise<AsyncIterable<Uint8Array>> {
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new FetchError(`${url.protocol}//… is not fetched: only http and https are`);
  const response = await followed(url, headers, signal);
  if (!response.ok || response.body === null) {
    const said = (await response.text().catch(() => "")).slice(0, 300).trim();
    throw new FetchError(`${shown(url)} answered ${response.status}${said === "" ? "" : `: ${said}`}`);
  }
  return cutOff(response.body as AsyncIterable<Uint8Array>, url, bytes);
}

async function followed(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
  let at = url;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const own = at.origin === url.origin ? headers : {};
    const response = await fetch(at, { signal, headers: own, redirect: "manual" }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new FetchError(`${shown(at)} cannot be reached: ${reasonOf(cause)}`, { cause });
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    at = next(at, location);
  }
  throw new FetchError(`${shown(url)} was redirected more than ${mostRedirects} times`);
}

function next(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new FetchError(`${shown(from)} redirects to nowhere: "${location}"`);
  const to = new URL(location, from);
  if (to.protocol !== from.protocol && to.protocol !== "https:")
    throw new FetchError(`${shown(from)} redirects to ${to.protocol}//…, where anybody could change the file`);
  return to;
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
