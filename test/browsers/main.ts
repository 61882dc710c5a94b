/**
 * npm run browsers -- [firefox] [webkit]: a page as a device, in the browsers that this machine has beside Chromium, which the tests
 * use. Build first. Debian: apt-get install firefox-esr webkit2gtk-driver xvfb xauth.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { startFirefox } from "./firefox.ts";
import type { RemoteBrowser } from "./remote-browser.ts";
import { prepareWalk } from "./walk.ts";
import { startWebKit } from "./webkit.ts";

const browsers: Readonly<Record<string, (profile: string) => Promise<RemoteBrowser | undefined>>> = {
  firefox: startFirefox,
  webkit: startWebKit,
};

const words = process.argv.slice(2);
let [passed, failed] = [0, 0];
for (const [name, start] of Object.entries(browsers)) {
  if (words.length > 0 && !words.includes(name)) continue;
  await using directory = await temporaryDirectory();
  const profile = join(directory.path, "profile");
  await mkdir(profile);
  await using browser = await start(profile);
  if (browser === undefined) {
    process.stdout.write(`-- ${name} is not installed\n`);
    continue;
  }
  process.stdout.write(`${browser.name}\n`);
  await using walk = await prepareWalk(browser, directory.path);
  for (const step of walk.steps)
    try {
      process.stdout.write(`  ok     ${step.name}: ${await step.run()}\n`);
      passed += 1;
    } catch (error) {
      failed += 1;
      const cause = error instanceof Error && error.cause !== undefined ? `; last: ${inspect(error.cause)}` : "";
      const page = await browser
        .run("return JSON.stringify([window.sedge?.status, document.body.innerText])")
        .catch(String);
      process.stdout.write(`  FAILED ${step.name}: ${String(error)}${cause}\n         ${String(page)}\n`);
      // What follows needs what failed.
      break;
    }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
