import type { Sample } from "../samples/sample-set.ts";

/** Notices a calibration set that is one sample many times, or that knows one class only: its ranges would fit nothing else. */
export class SamenessWatch {
  #count = 0;
  #first: Sample | undefined;
  #inputsAreSame = true;
  #labelsAreSame = true;

  look(sample: Sample): void {
    this.#count += 1;
    this.#first ??= sample;
    const { inputs, label } = this.#first;
    if (this.#inputsAreSame)
      this.#inputsAreSame =
        sample.inputs.length === inputs.length &&
        sample.inputs.every(({ rawData }, i) => Buffer.compare(rawData, inputs[i]?.rawData ?? rawData) === 0);
    this.#labelsAreSame &&= sample.label !== undefined && sample.label === label;
  }

  /** Why the samples seen cannot calibrate. */
  problems(): readonly string[] {
    if (this.#first === undefined) return ["there is no sample"];
    if (this.#count === 1) return [];
    const all = `all ${this.#count} samples, from sample 0 (${this.#first.name}) on,`;
    if (this.#inputsAreSame) return [`${all} hold the same numbers: give different ones`];
    if (this.#labelsAreSame)
      return [`${all} are of the class "${this.#first.label}": give samples of every class, or leave the labels away`];
    return [];
  }
}
