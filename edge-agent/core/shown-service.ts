import { InferenceError } from "./ports.ts";
import type { InferenceErrorClass } from "./ports.ts";
import type { ServiceRecord } from "./recent-service.ts";
import { RecentService } from "./recent-service.ts";
import type { TrialHealth } from "./soak-gate.ts";

/** What one worker has shown since it serves: what a trial is judged by. Errors that were the model's fault are among the inferences. */
export class ShownService {
  readonly #recent = new RecentService();
  #asked = 0;
  #inferences = 0;
  #answered = 0;
  #workMs = 0;
  #lastError = "";

  get health(): Pick<TrialHealth, "asked" | "inferences" | "workMs" | "lastError"> {
    return {
      asked: this.#asked,
      inferences: this.#inferences,
      workMs: this.#answered === 0 ? undefined : this.#workMs / this.#answered,
      lastError: this.#lastError,
    };
  }

  /** In the minutes before `now`. */
  recentAt(now: number): ServiceRecord {
    return this.#recent.at(now);
  }

  countAsked(): void {
    this.#asked++;
  }

  countAnswer(workMs: number, now: number): void {
    this.#inferences++;
    this.#answered++;
    this.#workMs += workMs;
    this.#recent.countAnswer(workMs, now);
  }

  /** Inputs that the model does not take are the caller's fault, and show nothing. */
  countError(error: unknown, errorClass: InferenceErrorClass, now: number): void {
    if (errorClass === "input") return;
    this.#inferences++;
    this.#recent.countError(now);
    this.#lastError = error instanceof Error ? error.message : String(error);
  }
}

export function errorClassOf(error: unknown): InferenceErrorClass {
  return error instanceof InferenceError ? error.class : "runtime";
}
