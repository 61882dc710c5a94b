// An application imports this from "sedge/browser", or from agent.js beside the device page.
import type { BrowserAgent, DeviceStatus } from "../start-agent.ts";
import { startAgent } from "../start-agent.ts";
import { byId, textOf } from "../page/elements.ts";
import { digitImage, imageSide } from "./digit-image.ts";
import { drawingSheet } from "./drawing-sheet.ts";
import { keyboardPen } from "./keyboard-pen.ts";

// An example for those who write applications: one draws a digit, the model on this device reads it, and what the person says to the
// answer is reported. All of Sedge that it uses: startAgent, onStatus, infer and feedback. Which version answers, where it came from
// and whether it is being replaced at this moment is the agent's affair.

const model = "digits";

try {
  const agent = startAgent();
  agent.onStatus(showStatus);
  readDrawings(agent);
} catch (error) {
  showStatus({ kind: "failed", reason: messageOf(error) });
}

function readDrawings(agent: BrowserAgent): void {
  let askedUnder: string | undefined;
  const canvas = byId<HTMLCanvasElement>("sheet");
  const forget = () => {
    askedUnder = undefined;
    for (const row of rows) show(row, undefined);
  };
  const sheet = drawingSheet(canvas, () => void read(), forget);
  keyboardPen(canvas, byId("pen"), byId("pen-state"), sheet.pen);
  const rows = Array.from({ length: 10 }, (_, digit) => newRow(digit, () => void judge(digit)));
  byId("digits").replaceChildren(...rows);
  byId("clear").addEventListener("click", () => sheet.pen.clear());

  async function read(): Promise<void> {
    const data = digitImage(sheet.ink(), canvas.width);
    if (data === undefined) return;
    const id = crypto.randomUUID();
    try {
      const image = { data, dims: [1, 1, imageSide, imageSide] };
      const { outputs, version } = await agent.infer(model, { image }, { id, timeoutMs: 5_000 });
      const shares = softmax(Array.from(outputs["logits"]?.data ?? [], Number));
      const best = shares.indexOf(Math.max(...shares));
      askedUnder = id;
      textOf(byId("answer"), `Version ${version} reads a ${best}.`);
      for (const [digit, row] of rows.entries()) show(row, shares[digit], digit === best);
    } catch (error) {
      textOf(byId("answer"), messageOf(error));
    }
  }

  async function judge(digit: number): Promise<void> {
    const id = askedUnder;
    if (id === undefined) return;
    sheet.pen.clear();
    try {
      await agent.feedback(model, id, { kind: "labels", labels: [String(digit)] });
      textOf(byId("answer"), `Noted: it was a ${digit}. Draw another one.`);
    } catch (error) {
      textOf(byId("answer"), messageOf(error));
    }
  }
}

function newRow(digit: number, onPress: () => void): HTMLElement {
  const row = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", onPress);
  const [name, bar, share] = ["b", "i", "span"].map((tag) => document.createElement(tag)) as [
    HTMLElement,
    HTMLElement,
    HTMLElement,
  ];
  name.textContent = String(digit);
  bar.setAttribute("aria-hidden", "true");
  button.append(name, bar, share);
  row.append(button);
  show(row, undefined);
  return row;
}

/** Without an answer there is nothing to judge. */
function show(row: HTMLElement, share: number | undefined, isBest = false): void {
  const button = row.firstElementChild as HTMLButtonElement;
  const percent = share === undefined ? "" : `${Math.round(share * 100)} %`;
  button.disabled = share === undefined;
  button.ariaLabel = [button.firstElementChild?.textContent, percent].filter(Boolean).join(", ");
  row.classList.toggle("best", isBest);
  row.style.setProperty("--share", String(share ?? 0));
  textOf(button.lastElementChild as Element, percent);
}

/** exp(x) / sum of exp, with the largest taken off first, so that nothing overflows: [0, 0] are [0.5, 0.5]. */
function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function showStatus(status: DeviceStatus): void {
  const { state, tone, notice } = inWords(status);
  textOf(byId("state"), state);
  byId("state").dataset["tone"] = tone;
  textOf(byId("notice"), notice);
  byId("notice").hidden = notice === "";
}

function inWords(status: DeviceStatus) {
  switch (status.kind) {
    case "starting":
      return { state: "Starting", tone: "quiet", notice: "" };
    case "not-enrolled":
      return { state: "Not enrolled", tone: "busy", notice: "This browser is no device yet: enrol it first, below." };
    case "other-tab":
      return { state: "Another tab", tone: "busy", notice: "Another tab of this browser is the device: close that." };
    case "failed":
      return { state: "Not running", tone: "bad", notice: status.reason };
    case "stopped":
      return { state: "Stopped", tone: "quiet", notice: "" };
    case "running": {
      const serving = status.agent.models.find((known) => known.model === model)?.serving;
      return serving === undefined
        ? { state: "No model yet", tone: "busy", notice: `Waiting for a rollout of “${model}” to this device.` }
        : { state: `${model} ${serving.version}`, tone: "good", notice: "" };
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
