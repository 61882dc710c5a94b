import type { ModelStatus } from "../start-agent.ts";
import { byId, textOf } from "./elements.ts";
import { wordsOfTrial } from "./words.ts";

type GoBack = (model: string, previous: string) => Promise<void>;

const phases = ["fetching", "verified", "preflight", "trial"] as const;
const wordsOfPhase: Readonly<Record<string, string>> = {
  fetching: "is being fetched",
  verified: "is complete and verified",
  preflight: "repeats its golden answers",
  shadow: "runs beside the active one, which answers",
  trial: "answers on trial",
};

/** One card for each model, changed in place: focus and selection stay where they are. */
export function showModels(models: readonly ModelStatus[], goBack: GoBack): void {
  byId("no-models").hidden = models.length > 0;
  const list = byId("model-list");
  const known = new Map(
    [...list.children].map((card) => [(card as HTMLElement).dataset["model"], card as HTMLElement]),
  );
  for (const model of models) {
    const card = known.get(model.model) ?? newCard(model.model, goBack);
    known.delete(model.model);
    if (card.parentElement !== list) list.append(card);
    showModel(card, model);
  }
  for (const gone of known.values()) gone.remove();
}

function newCard(model: string, goBack: GoBack): HTMLElement {
  const card = (byId<HTMLTemplateElement>("model-template").content.cloneNode(true) as DocumentFragment)
    .firstElementChild as HTMLElement;
  card.dataset["model"] = model;
  const button = part<HTMLButtonElement>(card, ".roll-back");
  button.addEventListener("click", () => {
    button.disabled = true;
    goBack(model, card.dataset["previous"] ?? "")
      .catch((error: unknown) => {
        card.dataset["problem"] = `It could not go back: ${error instanceof Error ? error.message : String(error)}`;
        showText(part(card, ".failure"), card.dataset["problem"]);
      })
      .finally(() => {
        button.disabled = false;
      });
  });
  return card;
}

function showModel(card: HTMLElement, status: ModelStatus): void {
  const { model, active, serving, candidate, previous, phase, failure, held, joining, quarantined, trial } = status;
  textOf(part(card, "h3"), model);
  const servingLine = part(card, ".serving");
  const answer = serving === undefined ? "not answering yet" : `answers with ${serving.version} (${serving.variant})`;
  if (servingLine.textContent !== answer) {
    const version = document.createElement("strong");
    version.textContent = serving?.version ?? "";
    servingLine.replaceChildren(
      ...(serving === undefined ? [answer] : ["answers with ", version, ` (${serving.variant})`]),
    );
  }
  const steps = part(card, ".steps");
  steps.hidden = phase === "idle";
  for (const [i, step] of [...steps.children].entries()) {
    // The shadow is between two steps: not every update goes through it.
    const now = phase === "shadow" ? phases.length - 1.5 : phases.indexOf(phase as (typeof phases)[number]);
    (step as HTMLElement).dataset["state"] = i < now ? "done" : i === now ? "now" : "later";
    if (i === now) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  showText(
    part(card, ".update"),
    held ?? (candidate === undefined ? "" : `Version ${candidate} ${wordsOfPhase[phase] ?? phase}.`),
  );
  showText(part(card, ".trial"), trial === undefined ? "" : wordsOfTrial(trial, Date.now()));
  const failed =
    failure === undefined ? "" : `${wordsOfFailure[failure.kind]}: ${failure.reason || "no reason was given"}`;
  const failureLine = part(card, ".failure");
  showText(failureLine, card.dataset["problem"] ?? failed);
  failureLine.dataset["tone"] =
    card.dataset["problem"] === undefined && failure?.kind === "rolled-back" ? "busy" : "bad";
  showText(
    part(card, ".one-by-one"),
    joining?.kind === "off" ? `Requests that wait are computed one by one: ${joining.reason}` : "",
  );
  showQuarantined(part(card, ".quarantined"), quarantined);
  // While one is on trial the one before it is active still.
  const before = phase === "trial" ? active : previous;
  card.dataset["previous"] = before ?? "";
  showText(part(card, ".roll-back"), before === undefined ? "" : `Go back to ${before}…`);
}

function showQuarantined(list: HTMLElement, quarantined: ModelStatus["quarantined"]): void {
  const lines = quarantined.map(({ variant, reason }) => `Variant ${variant} does not do here: ${reason}`);
  list.hidden = lines.length === 0;
  if (lines.join() === [...list.children].map(({ textContent }) => textContent).join()) return;
  list.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
}

const wordsOfFailure: Readonly<Record<NonNullable<ModelStatus["failure"]>["kind"], string>> = {
  rejected: "The last update does not fit this device",
  failed: "The last update failed",
  "rolled-back": "The last update was taken back",
};

function part<T extends HTMLElement = HTMLElement>(card: HTMLElement, selector: string): T {
  return card.querySelector(selector) as T;
}

function showText(element: HTMLElement, text: string): void {
  textOf(element, text);
  element.hidden = text === "";
}
