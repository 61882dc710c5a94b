import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { believeBundle } from "../../control-plane/packaging/package-format/believe-package.ts";
import { PackageVerifyError } from "../../control-plane/packaging/package-format/package-fault.ts";
import { verifyDirectory } from "../../control-plane/packaging/package-format/verify-directory.ts";
import { limits } from "../../proto/limits.ts";
import { checkPackagePaths, isPackagePath } from "../../proto/package-path.ts";
import type { PackageStatement } from "../../proto/package-statement.ts";
import { encodePackageStatement, inStatementOrder, parsePackageStatement } from "../../proto/package-statement.ts";
import { Problems } from "../../proto/problems.ts";
import { decodeBundle, encodeBundle } from "../../proto/signature-bundle.ts";
import { digestOf } from "../support/messages.ts";
import { aPublisher, aSealedPackage, writePackage } from "../support/sealed-package.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const { signal } = new AbortController();
const key = aPublisher();
const packed = aSealedPackage(key);
const all = [...packed.files, { path: "model.sig", bytes: packed.bundle }];

describe("one changed byte", () => {
  let folder: TemporaryDirectory;
  beforeAll(async () => {
    folder = await temporaryDirectory();
    await writePackage(folder.path, packed);
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it("anywhere in a packed directory is found, and its file is named", async () => {
    const change = fc
      .nat({ max: all.length - 1 })
      .chain((i) =>
        fc.tuple(fc.constant(i), fc.nat({ max: (all[i]?.bytes.length ?? 1) - 1 }), fc.integer({ min: 1, max: 255 })),
      );
    await fc.assert(
      fc.asyncProperty(change, async ([i, at, difference]) => {
        const { path, bytes } = all[i] as (typeof all)[number];
        const changed = Uint8Array.from(bytes, (byte, k) => (k === at ? byte ^ difference : byte));
        await writeFile(join(folder.path, path), changed);
        const error = await verifyDirectory(folder.path, [key], signal).catch((reason: unknown) => reason);
        await writeFile(join(folder.path, path), bytes);
        expect(error).toBeInstanceOf(PackageVerifyError);
        expect((error as PackageVerifyError).message).toContain(path);
      }),
      { numRuns: 300 },
    );
    expect(await readFile(join(folder.path, "model.sig"))).toEqual(Buffer.from(packed.bundle));
    await expect(verifyDirectory(folder.path, [key], signal)).resolves.toMatchObject({ digest: packed.digest });
  });

  it("at every place of the signature is found", () => {
    for (let at = 0; at < packed.bundle.length; at++)
      for (const difference of [1, 0x20]) {
        const changed = packed.bundle.map((byte, i) => (i === at ? byte ^ difference : byte));
        expect(believeBundle(changed, [key]).ok, `byte ${at} with ${difference}`).toBe(false);
      }
  });
});

const part = fc.stringMatching(/^[A-Za-z0-9_+-]([A-Za-z0-9._+-]{0,12}[A-Za-z0-9_+-])?$/);
const path = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("/"))
  .filter((text) => isPackagePath(text) && text !== "model.sig");

describe("a statement", () => {
  const statement = fc
    .record({
      name: fc.string({ minLength: 1, maxLength: 129 }),
      manifestSize: fc.nat({ max: limits.manifestBytes }),
      paths: fc.uniqueArray(path, { maxLength: 20 }).map((paths) => [...new Set(["manifest.json", ...paths])]),
    })
    .filter(({ paths }) => {
      const problems = new Problems();
      checkPackagePaths(paths, String, problems);
      return !problems.any;
    })
    .map(({ paths, ...rest }): PackageStatement => {
      const resources = paths.map((name, i) => ({ name, digest: digestOf(i) }));
      return { ...rest, root: digestOf(99), resources: inStatementOrder(resources) };
    });

  it("comes back as it was", () => {
    fc.assert(
      fc.property(statement, (value) => {
        expect(parsePackageStatement(encodePackageStatement(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it("of any JSON at all is answered, never thrown at", () => {
    const json = fc.jsonValue().map((value) => new TextEncoder().encode(JSON.stringify(value)));
    fc.assert(fc.property(json, (bytes) => !parsePackageStatement(bytes).ok));
  });

  it("with any of its values replaced by any other is answered, never thrown at", () => {
    const good = JSON.parse(new TextDecoder().decode(encodePackageStatement(sample))) as Record<string, unknown>;
    const replaced = fc
      .tuple(fc.constantFrom("_type", "subject", "predicateType", "predicate"), fc.jsonValue())
      .map(([name, value]) => new TextEncoder().encode(JSON.stringify({ ...good, [name]: value })));
    fc.assert(fc.property(replaced, (bytes) => !parsePackageStatement(bytes).ok));
  });
});

const sample: PackageStatement = {
  name: "digits@1",
  root: digestOf(1),
  manifestSize: 1,
  resources: [{ name: "manifest.json", digest: digestOf(2) }],
};

describe("a signature bundle", () => {
  it("comes back as it was, and in the same bytes", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 });
    const text = fc.string({ minLength: 1, maxLength: 100 });
    const bundle = fc.record({
      hint: text,
      statement: fc.record({
        payloadType: text,
        payload: bytes,
        signatures: fc.array(fc.record({ keyId: text, signature: bytes }), { minLength: 1, maxLength: 3 }),
      }),
    });
    fc.assert(
      fc.property(bundle, (value) => {
        const decoded = decodeBundle(encodeBundle(value));
        expect(decoded).toEqual({ ok: true, value });
      }),
    );
  });

  it("of any JSON at all is answered, never thrown at", () => {
    const json = fc.jsonValue().map((value) => new TextEncoder().encode(JSON.stringify(value)));
    fc.assert(fc.property(json, (bytes) => !decodeBundle(bytes).ok));
  });
});

describe("a path of a package", () => {
  it("never leaves its directory", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(".", "/", "\\", "a", "B", ":", "\0", " ") }), (text) => {
        if (!isPackagePath(text)) return;
        expect(text).toMatch(/^[aB.]+(\/[aB.]+)*$/);
        expect(text.split("/").some((name) => name.startsWith(".") || name.endsWith("."))).toBe(false);
      }),
    );
  });
});
