// The page for a start without network: a kiosk that restarts while its control plane is away must show its page all the same, and
// the device in it must go on. It keeps every file of the build, and asks the network first only for the page itself.

declare const self: ServiceWorkerGlobalScope;

const cacheName = "sedge-device-page";
/** Names every file of the build; itself it has no hash in its name. */
const listAddress = new URL("files.json", self.registration.scope).href;
/** A network that is there but silent must not keep the page away for longer. */
const networkPatienceMs = 4_000;

self.addEventListener("install", (event) => {
  event.waitUntil(keepBuild().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  // Models and the control plane's interface are the agent's own affair.
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  if (request.mode !== "navigate") {
    event.respondWith(kept(request));
    return;
  }
  event.respondWith(newestPage(request));
  // A newer build is kept while the page works; what is kept stays as it is when this fails half-way.
  event.waitUntil(keepBuild().catch(() => undefined));
});

async function kept(request: Request): Promise<Response> {
  return (await (await caches.open(cacheName)).match(request.url)) ?? (await fetch(request));
}

async function newestPage(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(networkPatienceMs) });
  } catch (error) {
    const cache = await caches.open(cacheName);
    const page = await cache.match(pageFile(request.url), { ignoreSearch: true });
    if (page === undefined) throw error;
    return page;
  }
}

/** The page of the device is asked for without the name of its file. */
function pageFile(address: string): string {
  return address.replace(/\/(?=$|[?#])/, "/index.html");
}

/**
 * The list last: while it is the old one, the files of the old build are still there. It alone proves nothing: a browser that was
 * killed may have lost files that it had kept, and not the list.
 */
async function keepBuild(): Promise<void> {
  const cache = await caches.open(cacheName);
  const list = await fetch(listAddress, { cache: "no-cache" });
  if (!list.ok) throw new Error(`the list of files was answered with ${list.status}`);
  const text = await list.clone().text();
  const files = (JSON.parse(text) as readonly string[]).map((file) => new URL(file, self.registration.scope).href);
  const present = new Set((await cache.keys()).map(({ url }) => url));
  const isCurrent = (await (await cache.match(listAddress))?.text()) === text;
  if (isCurrent && files.every((file) => present.has(file))) return;
  const missing: Request[] = [];
  for (const file of files)
    if (file.endsWith(".html")) missing.push(new Request(file, { cache: "no-cache" }));
    else if (!present.has(file)) missing.push(new Request(file));
  await cache.addAll(missing);
  await cache.put(listAddress, list);
  for (const { url } of await cache.keys()) if (![...files, listAddress].includes(url)) await cache.delete(url);
}
