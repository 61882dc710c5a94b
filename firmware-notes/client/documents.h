/* The three signed documents: assignment, signature of a package, manifest. Signature first; nothing unsigned is read beyond its envelope. */
#ifndef DOCUMENTS_H
#define DOCUMENTS_H
#include <openssl/evp.h>

#include "wire.h"

enum {
  DIGEST = 32,
  NAME = 65,             /* Models, versions and variants have at most 64 characters. */
  REASON = 161,          /* The contract allows 512; this device says it shorter. */
  MAX_MODELS = 4,        /* What this device has room for. */
  MAX_ORDER = 32,        /* limits: variants of one version */
  ASSIGNMENT_BYTES = 128 * 1024,
  DOCUMENT_BYTES = 1024 * 1024, /* limits: bundleBytes, manifestBytes */
  GOLDEN_BYTES = 16 * 1024 * 1024,
  MAX_FILES = 4096,
};
#define VARIANT_BYTES 2147483647.0

struct key {
  EVP_PKEY *key;
  char id[17];
};
/* A public key as SubjectPublicKeyInfo in base64. Only ECDSA over P-256 is taken. */
bool read_key(struct key *key, const char *spki);

struct file {
  uint8_t digest[DIGEST];
  double size;
};

struct wanted {
  double soak_ms, deadline_ms, max_error_share;
  struct file package;
  uint32_t min_inferences, orders;
  char model[NAME], version[NAME], rollout[NAME];
  char order[MAX_ORDER][NAME];
};
struct assignment {
  double issued_at_ms;
  uint32_t epoch, generation, count;
  uint32_t keeps_models; /* Nothing was ever wanted of the models. */
  struct wanted models[MAX_MODELS];
};

struct profile {
  const char *architecture, *system, *hardware, *runtime, *runtime_version;
  char flags[512]; /* Each with a blank before and behind it. */
  double memory;
};
struct variant {
  char id[NAME];
  struct file file, golden;
};

/* Each answers true, or false with the reason in `why`, which has REASON bytes and holds ASCII of this program's own only. */
bool read_assignment(struct span statement, const struct key *director, const char *device, struct assignment *to, char *why);
/* `bundle` is changed: the statement is decoded where it lies, and stays there as long as the buffer. */
bool read_bundle(uint8_t *bundle, size_t n, const struct key *publisher, struct span *statement, struct file *manifest, char *why);
/* The first variant that the device can run. Every file it names must be one that the statement names. */
bool read_manifest(struct span text, struct span statement, const struct wanted *wanted, const struct profile *profile,
                   struct variant *to, char *why);
#endif
