import type { BrowserAgent, DeviceStatus } from "../start-agent.ts";
import { startAgent } from "../start-agent.ts";
import { askPerson, byId, textOf } from "./elements.ts";
import { showModels } from "./model-cards.ts";
import { summaryOf, wordsOfConnection, wordsOfSpool, wordsOfStorage } from "./words.ts";

// The page of a device: enrol it, see what runs, go back. It shows what the agent says, and decides nothing.

declare global {
  interface Window {
    /** For the tests and for whoever opens the browser's tools. */
    sedge: BrowserAgent;
  }
}

try {
  const agent = startAgent();
  window.sedge = agent;
  prepareEnrolment(agent);
  prepareForget(agent);
  agent.onStatus((status) => show(agent, status));
  // Without it the page works as well, but not when it is opened without network.
  navigator.serviceWorker.register("./service-worker.js").catch((error: unknown) => console.warn("sedge:", error));
} catch (error) {
  show(undefined, { kind: "failed", reason: error instanceof Error ? error.message : String(error) });
}

function show(agent: BrowserAgent | undefined, status: DeviceStatus): void {
  const { state, tone, notice } = summaryOf(status, agent?.clearedDevice);
  const pill = byId("state");
  textOf(pill, state);
  pill.dataset["tone"] = tone;
  const noticeLine = byId("notice");
  textOf(noticeLine, notice);
  noticeLine.hidden = notice === "";
  noticeLine.dataset["tone"] = tone;
  byId("enrol").hidden = status.kind !== "not-enrolled";
  const isRunning = status.kind === "running";
  byId("models").hidden = !isRunning;
  byId("facts").hidden = !isRunning;
  if (!isRunning || agent === undefined) return;

  const { device, agentVersion, models, epoch, generation, runtime } = status.agent;
  textOf(byId("device"), device);
  document.title = `${device} · Sedge device`;
  textOf(byId("fact-server"), status.server);
  textOf(byId("fact-connection"), wordsOfConnection(status.agent));
  textOf(byId("fact-spool"), wordsOfSpool(status.agent));
  textOf(byId("fact-storage"), wordsOfStorage(status.storage));
  textOf(
    byId("fact-agent"),
    `${agentVersion}, ${generation === 0 ? "no assignment yet" : `assignment ${epoch}.${generation}`}`,
  );
  textOf(byId("fact-runtime"), `${runtime.name} ${runtime.version}`);
  showModels(models, async (model, previous) => {
    const isMeant = await askPerson({
      title: `Go back to ${model} ${previous}?`,
      text: `The version that runs now is not tried again until another rollout asks for it.`,
      yes: "Go back",
    });
    if (!isMeant) return;
    const outcome = await agent.rollBack(model, "somebody asked for it on the device's page");
    if (outcome.kind === "refused") throw new Error(outcome.reason);
  });
}

function prepareEnrolment(agent: BrowserAgent): void {
  const form = byId<HTMLFormElement>("enrol-form");
  const problem = byId("enrol-problem");
  const button = form.querySelector("button") as HTMLButtonElement;
  const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement;
  field("server").value = location.origin;
  takeTokenFromAddress(field("token"), field("name"));

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    const [token, device, server] = ["token", "name", "server"].map((name) => field(name).value.trim());
    agent
      .enrol({ token: token as string, server: server as string, device: device === "" ? undefined : device })
      .then(() => form.reset())
      .catch((error: unknown) => {
        textOf(problem, error instanceof Error ? error.message : String(error));
        problem.hidden = false;
      })
      .finally(() => {
        button.disabled = false;
      });
  });
}

/**
 * `#token=…&device=…`, as a QR code holds it. The fragment is never sent to a server; it leaves the address at once, so that it is
 * in no history. The server is not taken from there, and a person must press the button: a link alone enrols nobody anywhere.
 */
function takeTokenFromAddress(token: HTMLInputElement, name: HTMLInputElement): void {
  const given = new URLSearchParams(location.hash.slice(1));
  token.value = given.get("token") ?? "";
  name.value = given.get("device") ?? "";
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search);
}

function prepareForget(agent: BrowserAgent): void {
  byId("forget").addEventListener("click", () => {
    void (async () => {
      const isMeant = await askPerson({
        title: "Forget this device?",
        text: "Its models, its name and what it has not sent yet are deleted from this browser. Revoke it at the control plane too.",
        yes: "Forget",
      });
      if (!isMeant) return;
      await agent.forget();
      location.reload();
    })();
  });
}
