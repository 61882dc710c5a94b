import { createHash, createPrivateKey } from "node:crypto";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** A package's whole way: made with an encrypted key, verified, pushed, exported, and brought back in. Each test goes on where the one before ended. */
const spec = fileURLToPath(new URL("../fixtures/digits/digits-1.yaml", import.meta.url));
const passphrase = "correct horse battery";

let plane: TestControlPlane;
let home: TemporaryDirectory;
beforeAll(async () => {
  plane = await startTestControlPlane();
  home = await temporaryDirectory();
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const at = (...path: readonly string[]) => join(home.path, ...path);

async function sedge(words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => Boolean((written[name] += text)) });
  const environment = { SEDGE_DATA: plane.data, XDG_CONFIG_HOME: home.path, ...more };
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

async function done(words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const { exitCode, out, err } = await sedge(words, more);
  expect({ exitCode, err: exitCode === 0 ? "" : err }).toEqual({ exitCode: 0, err: "" });
  return out;
}

async function json(words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  return JSON.parse(await done([...words, "-o", "json"], more)) as Record<string, unknown>;
}

/** Every file below a directory with its digest. */
async function contentOf(directory: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digests = files.toSorted().map(async (file) => {
    const digest = createHash("sha256").update(await readFile(file));
    return [file.slice(directory.length + 1), digest.digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}

describe("a publisher's key", () => {
  test("is made in a file that only its passphrase opens", async () => {
    await writeFile(at("passphrase"), `${passphrase}\n`);
    const made = await json(["key", "new", "--out", at("ada.key"), "--passphrase-file", at("passphrase")]);
    expect(made).toMatchObject({ keyId: expect.stringMatching(/^[0-9a-f]{16}$/), file: at("ada.key") });
    expect((await stat(at("ada.key"))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(at("ada.key"), "utf8"))).toMatchObject({
      kdf: { name: "scrypt", N: 131_072, r: 8, p: 1 },
      publicKey: made["publicKey"],
    });
    expect(await json(["key", "show", at("ada.key")])).toEqual({ keyId: made["keyId"], publicKey: made["publicKey"] });
  });

  test("is never replaced, nor made without a passphrase by accident", async () => {
    const again = await sedge(["key", "new", "--out", at("ada.key"), "--passphrase-file", at("passphrase")]);
    expect(again).toMatchObject({ exitCode: 1, err: expect.stringContaining("exists already") });
    expect(await sedge(["key", "new", "--out", at("x.key")])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("--no-passphrase"),
    });
    await writeFile(at("short"), "secret");
    expect(await sedge(["key", "new", "--out", at("x.key"), "--passphrase-file", at("short")])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("8 characters"),
    });
  });

  test("without a passphrase is possible, with a warning", async () => {
    const { err } = await sedge(["key", "new", "--out", at("ci.pem"), "--no-passphrase"]);
    expect(err).toContain("not encrypted");
    expect(await readFile(at("ci.pem"), "utf8")).toContain("BEGIN PRIVATE KEY");
  });

  test("gives its public half to whoever verifies", async () => {
    await writeFile(at("ada.pub"), await done(["key", "export-public", at("ada.key")]));
    expect(await json(["key", "show", at("ada.pub")])).toEqual(await json(["key", "show", at("ada.key")]));
  });

  test("that is encrypted opens with its passphrase only", async () => {
    const pack = ["model", "pack", spec, "--out", at("never"), "--key", at("ada.key")];
    expect(await sedge(pack)).toMatchObject({ exitCode: 1, err: expect.stringContaining("SEDGE_KEY_PASSPHRASE") });
    expect(await sedge(pack, { SEDGE_KEY_PASSPHRASE: "wrong horse battery" })).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("the passphrase is wrong"),
    });
  });

  test("that was encrypted as PKCS#8 (by openssl, for instance) is taken too", async () => {
    const key = createPrivateKey(await readFile(at("ci.pem")));
    const encrypted = key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase });
    await writeFile(at("openssl.pem"), encrypted, { mode: 0o600 });
    const pack = ["model", "pack", spec, "--out", at("openssl"), "--key", at("openssl.pem")];
    await done(pack, { SEDGE_KEY_PASSPHRASE: passphrase });
    await done(["model", "verify", at("openssl"), "--key", at("ci.pem")]);
    expect(await sedge(pack.with(4, at("never")), { SEDGE_KEY_PASSPHRASE: "wrong" })).toMatchObject({ exitCode: 1 });
  });
});

describe("a packed model", () => {
  test("is a directory that says what it is", async () => {
    const made = await json(["model", "pack", spec, "--out", at("packed"), "--key", at("ada.key")], {
      SEDGE_KEY_PASSPHRASE: passphrase,
    });
    expect(made).toMatchObject({ model: "digits", version: "1" });
    const paths = Object.keys(await contentOf(at("packed")));
    for (const path of ["manifest.json", "model.sig", "README.md", "golden.pb", "test_data_set_0/input_0.pb"])
      expect(paths).toContain(path);
    expect(await readFile(at("packed", "README.md"), "utf8")).toMatch(/^# digits 1\n/);
  });

  test("is verified without a server, by whom the user trusts", async () => {
    expect(await json(["model", "verify", at("packed"), "--key", at("ada.pub")])).toMatchObject({
      verified: true,
      model: "digits",
      version: "1",
      publisher: (await json(["key", "show", at("ada.pub")]))["keyId"],
    });
    expect(await sedge(["model", "verify", at("packed")])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("whom do you trust?"),
    });
    expect(await sedge(["model", "verify", at("packed"), "--key", at("ci.pem")])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("no known publisher signed"),
    });
    expect(await sedge(["model", "verify", at("nowhere"), "--key", at("ada.pub")])).toMatchObject({ exitCode: 4 });
  });

  test("that was changed is refused with the file and both digests", async () => {
    const card = await readFile(at("packed", "README.md"));
    await writeFile(at("packed", "README.md"), "# Another\n");
    const words = ["model", "verify", at("packed"), "--key", at("ada.pub"), "-o", "json"];
    const { exitCode, out, err } = await sedge(words);
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      verified: false,
      wrong: {
        kind: "changed-file",
        path: "README.md",
        signed: `sha256:${createHash("sha256").update(card).digest("hex")}`,
        found: expect.stringMatching(/^sha256:/),
      },
    });
    expect(JSON.parse(err)).toMatchObject({ error: { message: expect.stringContaining("README.md was changed") } });
    await writeFile(at("packed", "README.md"), card);
  });

  test("is pushed as it is, once an operator trusts its publisher", async () => {
    const refused = await sedge(["model", "push", at("packed")]);
    expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining("no known publisher") });
    await done(["publisher", "add", at("ada.pub")]);
    const { package: digest } = await json(["model", "push", at("packed")]);
    const bundle = await readFile(at("packed", "model.sig"));
    expect(digest).toBe(`sha256:${createHash("sha256").update(bundle).digest("hex")}`);
  });

  test("comes out of the control plane as it went in", async () => {
    await done(["model", "export", "digits@1", "--out", at("exported")]);
    expect(await contentOf(at("exported"))).toEqual(await contentOf(at("packed")));
    expect((await sedge(["model", "export", "digits@1", "--out", at("exported")])).exitCode).toBe(2);
    expect((await sedge(["model", "export", "digits@9", "--out", at("none")])).exitCode).toBe(4);
  });

  test("becomes an OCI image layout after ModelPack, and a packed model again", async () => {
    await done(["model", "export", "digits@1", "--out", at("oci"), "--format", "oci"]);
    const read = async (path: string) => JSON.parse(await readFile(at("oci", path), "utf8")) as never;
    const blob = (digest: string) => `blobs/${digest.replace(":", "/")}`;
    expect(await read("oci-layout")).toEqual({ imageLayoutVersion: "1.0.0" });
    const { manifests } = (await read("index.json")) as { manifests: { digest: string; artifactType: string }[] };
    expect(manifests).toMatchObject([{ artifactType: "application/vnd.cncf.model.manifest.v1+json" }]);
    const image = (await read(blob(manifests[0]?.digest ?? ""))) as {
      config: { mediaType: string; digest: string };
      layers: { mediaType: string; digest: string; annotations: Record<string, string> }[];
    };
    expect(image.config.mediaType).toBe("application/vnd.cncf.model.config.v1+json");
    expect(await read(blob(image.config.digest))).toMatchObject({
      descriptor: { name: "digits", version: "1" },
      config: { format: "onnx" },
      modelfs: { type: "layers", diffIds: image.layers.map(({ digest }) => digest) },
    });
    // Every blob has the name of its content.
    for (const [path, digest] of Object.entries(await contentOf(at("oci", "blobs"))))
      expect(path).toBe(`sha256/${digest}`);
    const layers = Object.fromEntries(
      image.layers.map(({ mediaType, annotations }) => [annotations["org.cncf.model.filepath"], mediaType]),
    );
    expect(Object.keys(layers).toSorted()).toEqual(Object.keys(await contentOf(at("packed"))));
    expect(layers["README.md"]).toBe("application/vnd.cncf.model.doc.v1.raw");

    await done(["model", "import", at("oci"), "--out", at("from-oci"), "--key", at("ada.pub")]);
    expect(await contentOf(at("from-oci"))).toEqual(await contentOf(at("packed")));
  });

  test("is brought in with its signature, and only when that is right", async () => {
    await done(["model", "import", at("packed"), "--out", at("copied"), "--key", at("ada.pub")]);
    expect(await contentOf(at("copied"))).toEqual(await contentOf(at("packed")));
    const refused = await sedge(["model", "import", at("packed"), "--out", at("none"), "--key", at("ci.pem")]);
    expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining("no known publisher") });
    await expect(stat(at("none"))).rejects.toThrow(/ENOENT/);
  });

  test("in an OCI layout with a changed blob is not brought in", async () => {
    const { "golden.pb": digest } = await contentOf(at("packed"));
    const blob = at("oci", "blobs", "sha256", digest ?? "");
    const bytes = await readFile(blob);
    await writeFile(blob, bytes.with(3, (bytes[3] ?? 0) ^ 1));
    expect(await sedge(["model", "import", at("oci"), "--out", at("none"), "--key", at("ada.pub")])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining(`the blob sha256:${digest} was changed`),
    });
    await expect(stat(at("none"))).rejects.toThrow(/ENOENT/);
  });
});
