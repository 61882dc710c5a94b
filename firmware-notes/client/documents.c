#include "documents.h"

#include <math.h>
#include <openssl/ec.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(char *why, const char *reason) {
  snprintf(why, REASON, "%s", reason);
  return false;
}

/* --- signatures --- */

bool read_key(struct key *key, const char *spki) {
  uint8_t der[512], digest[DIGEST];
  size_t n = strlen(spki);
  char group[32] = "";
  if (n > sizeof der) return false;
  memcpy(der, spki, n);
  if (!base64_in_place(der, n, &n)) return false;
  const uint8_t *p = der;
  key->key = d2i_PUBKEY(NULL, &p, (long)n);
  if (key->key == NULL || !EVP_PKEY_get_group_name(key->key, group, sizeof group, NULL)) return false;
  if (strcmp(group, "prime256v1") != 0 || !EVP_Digest(der, n, digest, NULL, EVP_sha256(), NULL)) return false;
  hex_of(digest, 8, key->id);
  return true;
}

/* DSSE: the signature covers "DSSEv1 <n> <type> <n> <payload>", over the exact bytes. */
static bool is_signed(const char *type, struct span payload, struct span signature, const struct key *key) {
  char head[128];
  int n = snprintf(head, sizeof head, "DSSEv1 %zu %s %zu ", strlen(type), type, payload.n);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool good = context != NULL && n > 0 && (size_t)n < sizeof head &&
              EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->key) == 1 &&
              EVP_DigestVerifyUpdate(context, head, (size_t)n) == 1 &&
              EVP_DigestVerifyUpdate(context, payload.at, payload.n) == 1 &&
              EVP_DigestVerifyFinal(context, signature.at, signature.n) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

/* --- names --- */

static bool is_one_of(char c, const char *others, bool capitals) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (capitals && c >= 'A' && c <= 'Z') || (c != 0 && strchr(others, c) != NULL);
}

static bool is_name(const char *text, const char *others, bool capitals) {
  if (!is_one_of(text[0], "", capitals)) return false;
  for (; *text != 0; text++)
    if (!is_one_of(*text, others, capitals)) return false;
  return true;
}

static bool is_version(const char *text) { return is_name(text, "._+-", true); }

/* --- assignment --- */

static bool take_text(struct span bytes, char *text, size_t cap) {
  if (bytes.n >= cap || memchr(bytes.at, 0, bytes.n) != NULL) return false;
  memcpy(text, bytes.at, bytes.n);
  text[bytes.n] = 0;
  return true;
}

static bool take_digest(struct span bytes, uint8_t *digest) {
  if (bytes.n != DIGEST) return false;
  memcpy(digest, bytes.at, DIGEST);
  return true;
}

static bool take_quantity(double value, double *to) {
  *to = value;
  return value >= 0 && value < 9007199254740991.0; /* Not for NaN either. */
}

static bool read_soak(struct span bytes, struct wanted *to) {
  struct pb field = pb_of(bytes);
  bool good = true;
  while (pb_next(&field)) {
    if (pb_is(&field, 1, PB_REAL)) good &= take_quantity(field.real, &to->soak_ms);
    if (pb_is(&field, 2, PB_NUMBER)) to->min_inferences = (uint32_t)field.number;
    if (pb_is(&field, 3, PB_REAL)) good &= take_quantity(field.real, &to->deadline_ms);
    if (pb_is(&field, 4, PB_REAL)) good &= take_quantity(field.real, &to->max_error_share) && field.real <= 1;
  }
  return good && !field.broken;
}

static bool read_wanted(struct span bytes, struct wanted *to) {
  struct pb field = pb_of(bytes);
  bool good = true, has_package = false;
  while (pb_next(&field)) {
    if (pb_is(&field, 1, PB_BYTES)) good &= take_text(field.bytes, to->model, NAME);
    if (pb_is(&field, 2, PB_BYTES)) good &= take_text(field.bytes, to->version, NAME);
    if (pb_is(&field, 3, PB_BYTES)) has_package = take_digest(field.bytes, to->package.digest);
    if (pb_is(&field, 4, PB_REAL)) good &= take_quantity(field.real, &to->package.size) && field.real == floor(field.real);
    if (pb_is(&field, 5, PB_BYTES)) good &= take_text(field.bytes, to->rollout, NAME);
    if (pb_is(&field, 6, PB_BYTES)) good &= read_soak(field.bytes, to);
    if (pb_is(&field, 7, PB_BYTES)) good &= to->orders < MAX_ORDER && take_text(field.bytes, to->order[to->orders++], NAME);
  }
  bool named = is_name(to->model, "._-", false) && is_version(to->version) && (to->rollout[0] == 0 || is_name(to->rollout, "-", false));
  return good && !field.broken && has_package && named;
}

static bool read_payload(struct span payload, const char *device, struct assignment *to, char *why) {
  struct pb field = pb_of(payload);
  bool is_ours = false;
  memset(to, 0, sizeof *to); /* The gaps too: assignments are compared as bytes. */
  while (pb_next(&field)) {
    if (pb_is(&field, 1, PB_BYTES)) is_ours = span_is(field.bytes, device);
    if (pb_is(&field, 2, PB_NUMBER)) to->epoch = (uint32_t)field.number;
    if (pb_is(&field, 3, PB_NUMBER)) to->generation = (uint32_t)field.number;
    if (pb_is(&field, 4, PB_REAL) && !take_quantity(field.real, &to->issued_at_ms)) return refuse(why, "the assignment has no time");
    if (pb_is(&field, 9, PB_NUMBER)) to->keeps_models = field.number != 0;
    if (!pb_is(&field, 5, PB_BYTES)) continue;
    if (to->count == MAX_MODELS) return refuse(why, "the assignment names more models than this device has room for");
    if (!read_wanted(field.bytes, &to->models[to->count])) return refuse(why, "a model of the assignment cannot be read");
    for (uint32_t i = 0; i < to->count; i++)
      if (strcmp(to->models[i].model, to->models[to->count].model) == 0) return refuse(why, "the assignment names a model twice");
    to->count++;
  }
  if (field.broken) return refuse(why, "the assignment is no protobuf");
  return is_ours || refuse(why, "the assignment is for another device");
}

bool read_assignment(struct span statement, const struct key *director, const char *device, struct assignment *to, char *why) {
  static const char type[] = "application/vnd.sedge.assignment.v1+protobuf";
  struct span payload = {0}, signature = {0}, key_id = {0}, found = {0};
  struct pb field = pb_of(statement);
  bool is_assignment = false;
  while (pb_next(&field)) {
    if (pb_is(&field, 1, PB_BYTES)) is_assignment = span_is(field.bytes, type);
    if (pb_is(&field, 2, PB_BYTES)) payload = field.bytes;
    if (!pb_is(&field, 3, PB_BYTES)) continue;
    struct pb one = pb_of(field.bytes);
    key_id = signature = (struct span){0};
    while (pb_next(&one)) {
      if (pb_is(&one, 1, PB_BYTES)) key_id = one.bytes;
      if (pb_is(&one, 2, PB_BYTES)) signature = one.bytes;
    }
    if (found.at == NULL && span_is(key_id, director->id)) found = signature;
  }
  if (field.broken) return refuse(why, "the assignment's envelope cannot be read");
  if (payload.n > ASSIGNMENT_BYTES) return refuse(why, "the assignment is too large");
  if (!is_assignment) return refuse(why, "the signed statement is not an assignment");
  if (found.at == NULL || !is_signed(type, payload, found, director))
    return refuse(why, "the assignment is not signed by this device's control plane");
  return read_payload(payload, device, to, why);
}

/* --- the signature of a package: a Sigstore bundle around a DSSE envelope around an in-toto statement --- */

static bool path(struct span from, const char *const *names, struct span *value) {
  *value = from;
  for (; *names != NULL; names++)
    if (!json_member(*value, *names, value)) return false;
  return true;
}
#define PATH(from, value, ...) path(from, (const char *const[]){__VA_ARGS__, NULL}, value)

static bool is_member(struct span object, const char *name, const char *text) {
  struct span value;
  return json_member(object, name, &value) && json_is(value, text);
}

static bool take_sha256(struct span object, const char *name, const char *prefix, uint8_t *digest) {
  char text[80];
  struct span value;
  size_t skip = strlen(prefix);
  if (!json_member(object, name, &value) || !json_text(value, text, sizeof text) || strncmp(text, prefix, skip) != 0) return false;
  return bytes_of_hex((struct span){(const uint8_t *)text + skip, strlen(text + skip)}, digest, DIGEST);
}

static bool find_signature(struct span list, const struct key *key, uint8_t *signature, size_t cap, size_t *n) {
  struct span one, value;
  for (int i = 0; i < 16 && json_item(&list, &one); i++) {
    char text[256];
    if (!is_member(one, "keyid", key->id) || !json_member(one, "sig", &value)) continue;
    if (!json_text(value, text, sizeof text) || strlen(text) > cap) return false;
    memcpy(signature, text, strlen(text));
    return base64_in_place(signature, strlen(text), n);
  }
  return false;
}

/* Goes through the resources of a statement: each with a name behind the one before it, so none is there twice. */
static bool next_resource(struct span *cursor, char *name, size_t cap, uint8_t *digest, bool *bad) {
  struct span one, value;
  char before[257];
  snprintf(before, sizeof before, "%s", name);
  if (!json_item(cursor, &one)) return false;
  *bad = !is_member(one, "algorithm", "sha256") || !json_member(one, "name", &value) || !json_text(value, name, cap) ||
         strcmp(before, name) >= 0 || strcmp(name, "model.sig") == 0 || !take_sha256(one, "digest", "", digest);
  return !*bad;
}

static bool check_resources(struct span resources, const uint8_t *root, struct file *manifest) {
  char name[257] = "";
  uint8_t digest[DIGEST], found[DIGEST];
  bool bad = false, has_manifest = false;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  if (context == NULL || EVP_DigestInit(context, EVP_sha256()) != 1) bad = true;
  for (int count = 0; !bad && next_resource(&resources, name, sizeof name, digest, &bad); count++) {
    if (count == MAX_FILES || EVP_DigestUpdate(context, digest, DIGEST) != 1) bad = true;
    if (strcmp(name, "manifest.json") != 0) continue;
    memcpy(manifest->digest, digest, DIGEST);
    has_manifest = true;
  }
  bad = bad || EVP_DigestFinal(context, found, NULL) != 1;
  EVP_MD_CTX_free(context);
  return !bad && has_manifest && memcmp(found, root, DIGEST) == 0;
}

static bool check_statement(struct span root, struct file *manifest, char *why) {
  struct span value, subjects, subject, rest, ignored;
  uint8_t root_digest[DIGEST];
  /* What this version does not know could change what the rest means. */
  if (!is_member(root, "_type", "https://in-toto.io/Statement/v1") ||
      !is_member(root, "predicateType", "https://model_signing/signature/v1.0"))
    return refuse(why, "the package's statement is of a kind that this device does not know");
  if (!PATH(root, &value, "predicate", "serialization") || !is_member(value, "method", "files") ||
      !is_member(value, "hash_type", "sha256") || !PATH(value, &rest, "allow_symlinks") || !span_is(rest, "false") ||
      !PATH(value, &rest, "ignore_paths"))
    return refuse(why, "the package's files are not signed as this device needs it");
  while (json_item(&rest, &ignored))
    if (!json_is(ignored, "model.sig")) return refuse(why, "the package has files that nobody signed");
  if (!json_member(root, "subject", &subjects) || !json_is_list(subjects) || !json_item(&subjects, &subject) ||
      json_item(&subjects, &rest) || !PATH(subject, &value, "digest") || !take_sha256(value, "sha256", "", root_digest) ||
      !PATH(subject, &value, "annotations", "sedge/manifest-size") || !json_count(value, DOCUMENT_BYTES, &manifest->size))
    return refuse(why, "the package's statement has not exactly one subject, with digest and size");
  if (!PATH(root, &value, "predicate", "resources") || !json_is_list(value) || !check_resources(value, root_digest, manifest))
    return refuse(why, "the files of the package's statement are not those of its root digest");
  return true;
}

bool read_bundle(uint8_t *bundle, size_t n, const struct key *publisher, struct span *statement, struct file *manifest, char *why) {
  static const char type[] = "application/vnd.in-toto+json";
  struct span root, envelope, value;
  uint8_t signature[192];
  size_t signature_bytes, statement_bytes;
  if (!json_document((struct span){bundle, n}, &root) ||
      !is_member(root, "mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json") ||
      !json_member(root, "dsseEnvelope", &envelope))
    return refuse(why, "the package's signature cannot be read");
  if (!is_member(envelope, "payloadType", type)) return refuse(why, "the signed statement is not a package");
  if (!json_member(envelope, "signatures", &value) || !json_is_list(value) ||
      !find_signature(value, publisher, signature, sizeof signature, &signature_bytes))
    return refuse(why, "no publisher that this device trusts has signed the package");
  if (!json_member(envelope, "payload", &value) || value.n < 2 || *value.at != '"')
    return refuse(why, "the package's signature has no statement");
  uint8_t *payload = bundle + (value.at - bundle) + 1;
  if (!base64_in_place(payload, value.n - 2, &statement_bytes)) return refuse(why, "the package's statement is not base64");
  *statement = (struct span){payload, statement_bytes};
  if (!is_signed(type, *statement, (struct span){signature, signature_bytes}, publisher))
    return refuse(why, "no publisher that this device trusts has signed the package");
  if (!json_document(*statement, &root)) return refuse(why, "the package's statement is not JSON");
  return check_statement(root, manifest, why);
}

/* --- manifest --- */

static bool is_in_statement(struct span statement, const uint8_t *digest) {
  struct span root, resources, one;
  uint8_t found[DIGEST];
  if (!json_document(statement, &root) || !PATH(root, &resources, "predicate", "resources")) return false;
  while (json_item(&resources, &one))
    if (take_sha256(one, "digest", "", found) && memcmp(found, digest, DIGEST) == 0) return true;
  return false;
}

static bool take_file(struct span object, const char *name, double max, struct file *file) {
  struct span value, size;
  return json_member(object, name, &value) && take_sha256(value, "digest", "sha256:", file->digest) &&
         json_member(value, "size", &size) && json_count(size, max, &file->size) && file->size > 0;
}

/* True when one of the list is the text; of an absent list, `absent`. */
static bool lists(struct span object, const char *name, const char *text, bool absent) {
  struct span list, one;
  if (!json_member(object, name, &list) || span_is(list, "null")) return absent;
  if (!json_is_list(list)) return false;
  while (json_item(&list, &one))
    if (json_is(one, text)) return true;
  return false;
}

/* "avx512_vnni|asimddp": one of them is enough. */
static bool has_one_flag(const struct profile *profile, const char *alternatives) {
  char flag[68];
  for (const char *from = alternatives; *from != 0;) {
    size_t n = strcspn(from, "|");
    snprintf(flag, sizeof flag, " %.*s ", (int)n, from);
    if (n > 0 && strstr(profile->flags, flag) != NULL) return true;
    from += n + (from[n] == '|');
  }
  return false;
}

static bool can_run(struct span variant, const struct profile *profile) {
  struct span requires, flags, one, memory;
  double bytes;
  char text[65];
  if (!json_member(variant, "requires", &requires) || !lists(variant, "runtimes", profile->runtime, false) ||
      !lists(requires, "architectures", profile->architecture, true) || !json_member(requires, "cpuFlags", &flags) || !json_is_list(flags))
    return false;
  while (json_item(&flags, &one))
    if (!json_text(one, text, sizeof text) || !has_one_flag(profile, text)) return false;
  return json_member(requires, "memoryBytes", &memory) && json_quantity(memory, 9e15, &bytes) && bytes <= profile->memory;
}

/* The first that can run; only the one of that id, where one is given. */
static bool find_variant(struct span variants, const char *id, const struct profile *profile, struct variant *to) {
  struct span one, value;
  while (json_item(&variants, &one)) {
    if (!json_member(one, "id", &value) || !json_text(value, to->id, NAME) || to->id[0] == 0) continue;
    if (id != NULL && strcmp(id, to->id) != 0) continue;
    if (can_run(one, profile) && take_file(one, "file", VARIANT_BYTES, &to->file)) return true;
  }
  return false;
}

bool read_manifest(struct span text, struct span statement, const struct wanted *wanted, const struct profile *profile,
                   struct variant *to, char *why) {
  struct span root, value;
  double schema;
  memset(to, 0, sizeof *to); /* It is saved as it lies in memory. */
  if (!json_document(text, &root)) return refuse(why, "the manifest is not JSON");
  if (!json_member(root, "schema", &value) || !json_count(value, 1e6, &schema) || schema != 1)
    return refuse(why, "the manifest is of a schema that this device does not know");
  if (!is_member(root, "model", wanted->model) || !is_member(root, "version", wanted->version))
    return refuse(why, "the package is of another model or version than was assigned");
  if (!take_file(root, "golden", GOLDEN_BYTES, &to->golden) || !json_member(root, "variants", &value) || !json_is_list(value))
    return refuse(why, "the manifest names no golden set or no variants");
  bool found = false;
  for (uint32_t i = 0; !found && i < wanted->orders; i++) found = find_variant(value, wanted->order[i], profile, to);
  if (!found && !find_variant(value, NULL, profile, to)) return refuse(why, "no variant runs on this device");
  return (is_in_statement(statement, to->golden.digest) && is_in_statement(statement, to->file.digest)) ||
         refuse(why, "the manifest names a file that was not signed");
}
