import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import { connectObedientDevice } from "../support/obedient-device.ts";

const fixtures = fileURLToPath(new URL("../fixtures/digits/", import.meta.url));

let plane: TestControlPlane;
const devices: AsyncDisposable[] = [];
/** What the devices say of a version in shadow. */
const shadow = { disagreed: 0 };
beforeAll(async () => {
  plane = await startTestControlPlane();
  await sedge(["model", "push", join(fixtures, "digits-1.yaml")]);
  await sedge(["model", "push", join(fixtures, "digits-2.yaml")]);
  await sedge(["model", "push", join(fixtures, "digits-3.yaml")]);
  for (const device of ["cam-1", "cam-2", "cam-3", "cam-4"])
    devices.push(await connectObedientDevice(plane, { device, fails: ["2"], shadow }));
});
afterAll(async () => {
  for (const device of devices) await device[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
});

async function sedge(words: readonly string[], tty = false) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({
    isTTY: tty,
    columns: 100,
    write: (text: string) => Boolean((written[name] += text)),
  });
  const environment = { SEDGE_DATA: plane.data, XDG_CONFIG_HOME: join(plane.data, "user") };
  const exitCode = await runCommandLine(
    words,
    {
      terminal: createTerminal(stream("out") as never, stream("err") as never, environment),
      environment,
      now: Date.now,
      signal: new AbortController().signal,
    },
    "1.2.3",
  );
  return { exitCode, ...written };
}

/** Devices that send no telemetry can be judged by their updates alone. */
const start = (version: string, id: string) => {
  const off = ["max-error-rate", "max-latency-ratio", "max-output-drift"].map((gate) => `--gate ${gate}=off`).join(" ");
  const stages = "--stages 25,100 --soak 0s --min-inferences 0";
  return `rollout start digits@${version} --id ${id} ${stages} ${off} --wait --timeout 90s`.split(" ");
};

test("a rollout that is waited for is told stage by stage, and its end is exit code 0", async () => {
  const { exitCode, out, err } = await sedge(start("1", "good"));
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "rollout good started\n" });
  const told = out.split("\n").map((line) => line.slice("2026-11-21 04:30:05  ".length));
  expect(told).toContain("stage canary: 1 confirmed");
  expect(told).toContain("stage everyone: 3 confirmed");
  expect(told.at(-2)).toBe("complete");
  expect((await sedge(["device", "list"])).out).toMatch(/cam-1 +online +digits@1 fp32/);
});

test("what devices run and ran is in the history, and cannot be archived", async () => {
  expect((await sedge(["model", "history", "digits"])).out).toMatch(
    /^VERSION +DEVICES NOW +AT MOST +EVER +FIRST +LAST +DEVICE TIME +THEN\n1 +4 +4 +4 +.+ still runs /,
  );
  const { exitCode, err } = await sedge(["model", "archive", "digits@1"]);
  expect(exitCode).toBe(1);
  expect(err).toContain("each of cam-1, cam-2, cam-3 and 1 more has it active: roll out another version first");
  expect(err).toContain("rollout good gives it to devices that join the fleet");
});

test("one that turns round ends with exit code 5, and was drawn with its reason", async () => {
  const { exitCode, out, err } = await sedge(start("2", "bad"), true);
  expect(exitCode).toBe(5);
  expect(out).toContain("✗ failed-updates: 1 of 1 settled device failed");
  expect(out).toContain("1 reverted");
  expect(err).toContain("rollout bad ended: rolled back");
  expect((await sedge(["device", "show", "cam-1"])).out).toMatch(/should run +digits@1/);
});

const startInShadow = (id: string, minInferences: number) => {
  const off = ["max-error-rate", "max-latency-ratio", "max-output-drift"].map((gate) => `--gate ${gate}=off`).join(" ");
  const stages = `--shadow 20% --stages 50,100 --soak 0s --min-inferences ${minInferences}`;
  return `rollout start digits@3 --id ${id} ${stages} ${off}`.split(" ");
};
const toItsEnd = ["--wait", "--timeout", "90s"];

test("one that disagrees in shadow is turned round there, and no device has ever answered with it", async () => {
  shadow.disagreed = 80;
  const { exitCode, out } = await sedge([...startInShadow("odd", 100), ...toItsEnd]);
  expect(exitCode).toBe(5);
  expect(out).toMatch(/rolled back: .*disagreement.*: 400 compared on 2 devices, 40 % disagree .*over the limit/);
  expect((await sedge(["rollout", "show", "odd"])).out).toMatch(/shadow +50 % .* 2 reverted$/m);
  const history = (await sedge(["model", "history", "digits"])).out;
  expect(history).not.toMatch(/^3 /m);
});

test("a person who looks at a device sees what it runs in shadow, and an abort takes it away", async () => {
  shadow.disagreed = 0;
  await sedge(startInShadow("slow", 5_000));
  await eventually("both devices of the stage have compared", async () => {
    const { out } = await sedge(["rollout", "show", "slow"]);
    return /… disagreement: 400 compared on 2 devices, 0 % disagree/.test(out) && out.includes("2 shadowing")
      ? true
      : undefined;
  });
  expect((await sedge(["device", "list"])).out.match(/digits@1 fp32, digits@3 in shadow/g)).toHaveLength(2);
  await sedge(["rollout", "abort", "slow", "--reason", "not today"]);
  const { exitCode, err } = await sedge(["rollout", "watch", "slow", "--timeout", "90s"]);
  expect({ exitCode, err }).toMatchObject({
    exitCode: 5,
    err: expect.stringContaining("rolled back: aborted in shadow: not today"),
  });
  expect((await sedge(["device", "list"])).out).not.toContain("in shadow");
});

test("one that agrees in shadow goes on: the same devices answer with it first", async () => {
  shadow.disagreed = 2;
  const { exitCode, out } = await sedge([...startInShadow("fine", 0), ...toItsEnd]);
  expect(exitCode).toBe(0);
  expect(out).toContain("stage shadow: its devices went on into the next stage");
  const { out: events } = await sedge(["events", "tail"]);
  expect(events).toMatch(
    /Stage "shadow" \(1 of 3\) passed: .*disagreement: \d+ compared on \d devices?, 1\.0 % disagree/,
  );
});
