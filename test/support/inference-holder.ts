import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import type { LoadableModel } from "../../edge-agent/core/ports.ts";
import { x } from "./tiny-models.ts";

// A program that a test kills: it holds one inference process, idle or in the middle of an inference that never ends.
const [model, how] = process.argv.slice(2) as [string, string];
const { signal } = new AbortController();
const worker = await onnxRuntimeInChild().start(JSON.parse(model) as LoadableModel, signal);
if (how === "stuck") worker.infer(x(1), signal).catch((error: unknown) => console.error(error));
process.stdout.write("ready\n");
