import { expect, it } from "vitest";
import { CertificateError, readCertifiedKey } from "../../../../control-plane/server/certified-key.ts";
import { authorityFingerprint, tlsFiles } from "../../../fixtures/tls-files.ts";

const today = Date.parse("2027-01-01T00:00:00Z");
const { server, elsewhere, authority } = tlsFiles;

async function problemsOf(files: { readonly certificate: string; readonly key: string }, now = today) {
  const error = await readCertifiedKey(files, now).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CertificateError);
  return (error as CertificateError).problems;
}

it("names the authority that nobody knows where the file ends with it", async () => {
  expect(await readCertifiedKey(server, today)).toMatchObject({
    ownAuthority: authorityFingerprint,
    endsAtMs: expect.any(Number) as number,
    minVersion: "TLSv1.2",
  });
  expect((await readCertifiedKey(elsewhere, today)).ownAuthority).toBeUndefined();
});

it("knows the names that the server's certificate is for", async () => {
  expect((await readCertifiedKey(server, today)).names).toEqual(["localhost", "127.0.0.1"]);
  expect((await readCertifiedKey(elsewhere, today)).names).toEqual(["elsewhere.example"]);
});

it("names every file that cannot be read", async () => {
  expect(await problemsOf({ certificate: "/nowhere/c.pem", key: "/nowhere/k.pem" })).toEqual([
    "/nowhere/c.pem cannot be read (ENOENT)",
    "/nowhere/k.pem cannot be read (ENOENT)",
  ]);
});

it("names what is no PEM", async () => {
  const thisFile = import.meta.filename;
  expect(await problemsOf({ certificate: thisFile, key: thisFile })).toEqual([
    `${thisFile} holds no certificate in PEM form`,
    `${thisFile} holds no private key in PEM form without a passphrase`,
  ]);
});

it("names a key of another certificate, and a certificate outside of its time", async () => {
  expect(await problemsOf({ certificate: server.certificate, key: elsewhere.key })).toEqual([
    `${elsewhere.key} is not the key of the first certificate in ${server.certificate}`,
  ]);
  expect((await problemsOf(server, Date.parse("2200-01-01"))).join()).toMatch(/ended on/);
  expect((await problemsOf(server, Date.parse("2001-01-01"))).join()).toMatch(/begins on .* only/);
  expect((await problemsOf({ certificate: authority, key: server.key })).join()).toMatch(/is not the key/);
});

it("names what can be read, but is not used for TLS", async () => {
  expect(await problemsOf(tlsFiles.short)).toEqual([
    expect.stringMatching(/^TLS refuses .*short\.pem with .*short-key\.pem: .*key too small/),
  ]);
});
