/*
 * Feeds changed documents to every reader, for a number of seconds: `make fuzz SEEDS="directory/blobs/…"`. A mistake ends the program,
 * because it is built with the address and undefined behaviour sanitizers. The readers behind a signature are called without one.
 */
#include <stdio.h>
#include <time.h>

#include "documents.c"

enum { MAX_SEEDS = 32, SEED_BYTES = 256 * 1024 };
static struct out seeds[MAX_SEEDS];
static struct out *statement = &seeds[0];
static size_t seed_count;
static uint32_t chance_state = 2026;

static uint32_t chance(uint32_t below) {
  chance_state ^= chance_state << 13;
  chance_state ^= chance_state >> 17;
  chance_state ^= chance_state << 5;
  return below == 0 ? 0 : chance_state % below;
}

static struct out *new_seed(void) {
  struct out *seed = &seeds[seed_count++];
  *seed = (struct out){.at = malloc(SEED_BYTES), .cap = SEED_BYTES};
  if (seed->at == NULL) exit(1);
  return seed;
}

static void seed_assignment(void) {
  static const uint8_t digest[DIGEST] = {1, 2, 3};
  struct out *out = new_seed();
  pb_text(out, 1, "device-1");
  pb_uint(out, 2, 1);
  pb_uint(out, 3, 7);
  pb_double(out, 4, 1.5e12);
  for (int i = 0; i < 2; i++) {
    size_t model = pb_open(out, 5);
    pb_text(out, 1, i == 0 ? "digits" : "speech");
    pb_text(out, 2, "1.0");
    pb_bytes(out, 3, digest, DIGEST);
    pb_double(out, 4, 4000);
    pb_text(out, 5, "ro-1");
    size_t soak = pb_open(out, 6);
    pb_double(out, 1, 1000);
    pb_uint(out, 2, 20);
    pb_double(out, 4, 0.5);
    pb_close(out, soak);
    pb_text(out, 7, "int8");
    pb_close(out, model);
  }
}

static void seed_file(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL || seed_count + 2 > MAX_SEEDS) return;
  struct out *seed = new_seed();
  seed->n = fread(seed->at, 1, SEED_BYTES, file);
  fclose(file);
  struct span root, value;
  if (!json_document((struct span){seed->at, seed->n}, &root) || !PATH(root, &value, "dsseEnvelope", "payload")) return;
  statement = new_seed();
  put_bytes(statement, value.at + 1, value.n - 2);
  base64_in_place(statement->at, statement->n, &statement->n);
}

static void change(uint8_t *bytes, size_t *n) {
  static const char *const words[] = {"\"", "\\", "\\u0041", "{", "}", "[", "]", ",", ":", "null", "1e309", "-1", "sha256:", "\xff\xff\xff\xff\x7f"};
  for (uint32_t i = 1 + chance(6); i > 0 && *n > 8; i--) {
    uint32_t at = chance((uint32_t)*n - 7);
    const char *word = words[chance(sizeof words / sizeof *words)];
    switch (chance(5)) {
      case 0: bytes[at] ^= (uint8_t)(1u << chance(8)); break;
      case 1: bytes[at] = (uint8_t)chance(256); break;
      case 2: *n = at; break;
      case 3: memcpy(bytes + at, word, strlen(word) > 7 ? 7 : strlen(word)); break;
      case 4: {
        uint32_t gone = 1 + chance(7);
        memmove(bytes + at, bytes + at + gone, *n - at - gone);
        *n -= gone;
      }
    }
  }
}

static void read_all(uint8_t *bytes, size_t n, const struct key *key) {
  struct span all = {bytes, n}, root, found;
  struct assignment assignment;
  struct wanted wanted = {.model = "digits", .version = "1"};
  struct profile profile = {.architecture = "x64", .runtime = "onnxruntime-node", .flags = " avx2 ", .memory = 1e9};
  struct variant variant;
  struct file manifest;
  char why[REASON], text[100];
  double count;
  read_payload(all, "device-1", &assignment, why);
  read_assignment(all, key, "device-1", &assignment, why);
  read_manifest(all, (struct span){statement->at, statement->n}, &wanted, &profile, &variant, why);
  if (json_document(all, &root)) {
    check_statement(root, &manifest, why);
    json_text(root, text, sizeof text);
    json_count(root, 1e9, &count);
  }
  read_bundle(bytes, n, key, &found, &manifest, why);
}

int main(int argc, char **argv) {
  struct key key = {.key = EVP_EC_gen("P-256"), .id = "0000000000000000"};
  time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);
  unsigned long rounds = 0;
  seed_assignment();
  for (int i = 2; i < argc; i++) seed_file(argv[i]);
  for (; time(NULL) < end; rounds++) {
    struct out *seed = &seeds[chance((uint32_t)seed_count)];
    size_t n = seed->n;
    /* Of exactly its size, so that a read beyond it is seen. */
    uint8_t *copy = malloc(n + 1), *exact;
    memcpy(copy, seed->at, n);
    change(copy, &n);
    exact = malloc(n + (n == 0));
    memcpy(exact, copy, n);
    read_all(exact, n, &key);
    free(exact);
    free(copy);
  }
  for (size_t i = 0; i < seed_count; i++) free(seeds[i].at);
  EVP_PKEY_free(key.key);
  printf("%lu documents, %zu seeds\n", rounds, seed_count);
  return 0;
}
