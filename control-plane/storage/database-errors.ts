/** Why a database cannot be opened, or a transaction cannot go on. Messages are for the person who starts the program. */

export class NotADatabaseError extends Error {
  override readonly name = "NotADatabaseError";

  constructor(file: string, cause: unknown) {
    super(
      `${file} is not a SQLite database. It was left as it is: move it away, or choose another data directory (--data)`,
      { cause },
    );
  }
}

export class DatabaseDamagedError extends Error {
  override readonly name = "DatabaseDamagedError";
  readonly findings: readonly string[];

  constructor(file: string, findings: readonly string[]) {
    super(
      `${file} is damaged: ${findings.slice(0, 3).join("; ")}. Stop here and restore the data directory from a backup; ` +
        `the devices keep what they have until then`,
    );
    this.findings = findings;
  }
}

export class DatabaseTooNewError extends Error {
  override readonly name = "DatabaseTooNewError";

  constructor(file: string, unknown: readonly string[]) {
    super(
      `${file} was written by a newer version of Sedge (it has ${unknown.join(", ")}). ` +
        `Run that version, or choose another data directory (--data)`,
    );
  }
}

export class DatabaseInUseError extends Error {
  override readonly name = "DatabaseInUseError";

  constructor(file: string, cause: unknown) {
    super(
      `${file} is in use by another control plane. Stop that one first, or choose another data directory (--data)`,
      { cause },
    );
  }
}

/** Somebody kept the stores of a transaction and used them when it was over. A fault of the program. */
export class TransactionOverError extends Error {
  override readonly name = "TransactionOverError";

  constructor() {
    super("the stores of a transaction were used after its end");
  }
}

/** A write outside of the transaction, asked for from inside of it, would wait for itself. A fault of the program. */
export class NestedTransactionError extends Error {
  override readonly name = "NestedTransactionError";

  constructor() {
    super("inside a transaction only its own stores may write");
  }
}

/** There is nothing to copy. */
export class DatabaseMissingError extends Error {
  override readonly name = "DatabaseMissingError";

  constructor(file: string) {
    super(`there is no database ${file}: name the data directory of the control plane with --data`);
  }
}
