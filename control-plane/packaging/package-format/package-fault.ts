/** What is wrong with a packed directory: kinds for programs, paths and digests beside the sentence. */
export interface PackageFault {
  readonly kind:
    | "no-package"
    | "signature"
    | "special-file"
    | "missing-file"
    | "unsigned-file"
    | "changed-file"
    | "manifest"
    | "golden-set"
    | "graph";
  /** The file that it is about. */
  readonly path?: string;
  /** Of a changed file: the digest that was signed, and the one that was found. */
  readonly signed?: string;
  readonly found?: string;
}

/** The directory is not the package that was signed: the first thing that is wrong. */
export class PackageVerifyError extends Error {
  override readonly name = "PackageVerifyError";
  readonly fault: PackageFault;

  constructor(fault: PackageFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

export function fail(fault: PackageFault, message: string, options?: ErrorOptions): never {
  throw new PackageVerifyError(fault, message, options);
}
