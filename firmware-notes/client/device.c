/*
 * The smallest client that keeps to the protocol: one thread, no allocation of its own, one state file.
 *
 * It compares what is assigned with what it has, and makes one change at a time. A change and the event that tells of it are saved in one
 * file before anybody hears of them, so a power cut at any moment costs no more than the work to compare again.
 *
 * A model is idle until the assignment names a package that is neither active nor known to be bad. The candidate is then `fetching`,
 * `verified` when its files are there, in `preflight` while the runtime repeats its golden outputs, and in `trial` while it serves. After
 * the time that the assignment gives it is confirmed, and what was active is kept as the previous one. Attempts are counted before they
 * are made; the third that is cut off is the last.
 */
#include <errno.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "documents.h"
#include "mqtt.h"
#include "runtime.h"

#define CLIENT_VERSION "sedge-c 1"
enum { MAX_EVENTS = 64, BATCH_BYTES = 60 * 1024, BLOCK_BYTES = 64 * 1024, MAX_ATTEMPTS = 3, STATE_LAYOUT = 1 };
enum { SECOND = 1000, MINUTE = 60 * SECOND, BLOCK_PATIENCE = 5 * SECOND, ACK_PATIENCE = 30 * SECOND, LONGEST_DELAY = 5 * MINUTE, LOOK_AT_TRIAL = 200 };

/* The numbers of the contract. */
enum phase { IDLE = 1, FETCHING, VERIFIED, PREFLIGHT, TRIAL };
enum failure_kind { REJECTED = 1, FAILED, ROLLED_BACK };
enum { LANE_LIFECYCLE = 1, ONLINE = 1, OFFLINE = 2 };

/* Empty when its version is. */
struct slot {
  char version[NAME], variant[NAME];
  uint8_t package[DIGEST], manifest[DIGEST], golden[DIGEST], file[DIGEST];
};
struct model {
  char name[NAME]; /* "": nothing is in this place. */
  uint8_t phase, attempts, failure_kind;
  struct slot active, candidate, previous;
  uint8_t failure_package[DIGEST];
  char failure_reason[REASON];
};
/* A tombstone when `from` is not 0: it accounts for the records from … seq. */
struct event {
  double time_ms, bytes;
  uint32_t seq, from, has_package;
  char name[24], model[NAME], version[NAME], reason[REASON];
  uint8_t package[DIGEST];
};
/* Saved as it lies in memory, up to the last event: a firmware that changes it raises STATE_LAYOUT. */
struct state {
  uint32_t layout, next_seq, kept;
  char epoch[17];
  struct assignment assignment; /* Epoch and generation 0: none yet. */
  struct model models[MAX_MODELS];
  struct event events[MAX_EVENTS];
};

/* What is on the disk, and the same with the next change: nothing is acted on or told that is not in the first. */
static struct state state, draft;

/* What one life of the program knows beside it. */
static struct {
  bool in_trial;
  int64_t trial_since;
} running[MAX_MODELS];
static struct {
  bool is_wanted;
  struct file file;
  double offset;
  int64_t ask_at;
  unsigned asks;
} fetch;
static struct mqtt mqtt;
static struct mqtt_options broker;
static struct profile profile;
static struct key director, publisher;
static const char *device;
static char refusal[REASON], boot_id[17], topics[9][128];
static uint32_t connection, sent_through, in_flight;
static int64_t sent_at, connect_at, connected_at, compare_at;
static unsigned lost_connections;
static bool look_again = true, sweep_due = true, birth_due;
static volatile sig_atomic_t stopping;

enum topic { BIRTH, STATUS, EVT, REP, BLOCK_REQUEST, DESIRED, CMD, ACK, BLOCK_DATA, TOPICS };
static const char *const leaves[TOPICS] = {"birth", "status", "evt", "rep", "blk/req", "desired", "cmd", "ack", "blk/data"};

static void say(const char *what, const char *reason) { fprintf(stderr, "%s%s%s\n", what, reason[0] == 0 ? "" : ": ", reason); }

/* --- time and chance --- */

static double wall_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec < 0 ? 0 : (double)now.tv_sec * 1000 + (double)(now.tv_nsec / 1000000);
}

static int64_t steady_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Uniform between 0 and a bound that doubles from one second to five minutes: devices that lost their broker together come back apart. */
static int64_t delay_after(unsigned failures) {
  uint32_t chance = 0;
  int64_t bound = failures > 8 ? LONGEST_DELAY : SECOND << failures;
  RAND_bytes((unsigned char *)&chance, sizeof chance);
  return (int64_t)((double)chance / 4294967296.0 * (double)(bound > LONGEST_DELAY ? LONGEST_DELAY : bound));
}

static void random_hex(char *text) {
  uint8_t bytes[8];
  if (RAND_bytes(bytes, sizeof bytes) != 1) abort();
  hex_of(bytes, sizeof bytes, text);
}

/* --- the durable state, and the events that are a part of it --- */

static bool save(void) {
  draft.layout = STATE_LAYOUT;
  if (!disk_save("state", &draft, offsetof(struct state, events) + draft.kept * sizeof draft.events[0])) {
    say("the state could not be saved", strerror(errno));
    compare_at = steady_ms() + 5 * SECOND;
    return false;
  }
  state = draft;
  look_again = true;
  return true;
}

/* The oldest two become one tombstone: it accounts for both, and the numbers stay without a hole. */
static void drop_oldest(void) {
  struct event *oldest = draft.events, tombstone = {.seq = oldest[1].seq, .time_ms = wall_ms()};
  tombstone.from = oldest->from != 0 ? oldest->from : oldest->seq;
  for (int i = 0; i < 2; i++) tombstone.bytes += oldest[i].from != 0 ? oldest[i].bytes : sizeof *oldest;
  snprintf(tombstone.reason, REASON, "the spool is full");
  oldest[1] = tombstone;
  memmove(oldest, oldest + 1, --draft.kept * sizeof *oldest);
}

static void tell(const char *name, const char *model, const struct slot *slot, const char *reason) {
  if (draft.kept == MAX_EVENTS) drop_oldest();
  struct event *event = &draft.events[draft.kept++];
  memset(event, 0, sizeof *event);
  event->seq = draft.next_seq++;
  event->time_ms = wall_ms();
  event->has_package = slot != NULL;
  snprintf(event->name, sizeof event->name, "%s", name);
  snprintf(event->model, NAME, "%s", model);
  if (slot != NULL) {
    snprintf(event->version, NAME, "%s", slot->version);
    memcpy(event->package, slot->package, DIGEST);
  }
  snprintf(event->reason, REASON, "%s", reason);
  say(name, reason);
}

/* Forgets what the control plane has committed. */
static void forget_events(uint32_t through) {
  draft = state;
  uint32_t gone = 0;
  while (gone < draft.kept && draft.events[gone].seq <= through) gone++;
  if (gone == 0) return;
  draft.kept -= gone;
  memmove(draft.events, draft.events + gone, draft.kept * sizeof draft.events[0]);
  save();
}

static void load_state(void) {
  size_t n = 0;
  bool good = disk_load("state", &state, sizeof state, &n) && n >= offsetof(struct state, events) && state.layout == STATE_LAYOUT &&
              state.kept <= MAX_EVENTS && n == offsetof(struct state, events) + state.kept * sizeof state.events[0];
  if (!good) {
    memset(&state, 0, sizeof state);
    state.next_seq = 1;
    random_hex(state.epoch);
  }
  draft = state;
  if (!good && disk_has("state")) tell("spool-reset", "", NULL, "the state could not be read back");
  tell("agent-started", "", NULL, CLIENT_VERSION);
  if (!save()) exit(EXIT_FAILURE);
}

/* --- the update of one model --- */

enum change { ASSIGNED, FILES_VERIFIED, PREFLIGHT_STARTED, TRIAL_STARTED, CONFIRMED, ABANDONED, PREVIOUS_ACTIVATED,
              PREVIOUS_LOST, ACTIVE_LOST, REMOVED };

static bool is_empty(const struct slot *slot) { return slot->version[0] == 0; }
static void empty(struct slot *slot) { memset(slot, 0, sizeof *slot); }

/* Why the candidate does not become the active one; the kind follows from how far it came, unless it is rejected. */
static bool give_up(size_t i, enum failure_kind kind, const char *reason) {
  static const char *const names[] = {"", "update-rejected", "update-failed", "update-rolled-back"};
  draft = state;
  struct model *model = &draft.models[i];
  tell(names[kind], model->name, &model->candidate, reason);
  memcpy(model->failure_package, model->candidate.package, DIGEST);
  model->failure_kind = (uint8_t)kind;
  snprintf(model->failure_reason, REASON, "%s", reason);
  empty(&model->candidate);
  model->phase = IDLE;
  sweep_due = true;
  return save();
}

/* With give_up the only function that changes a model. */
static bool transition(size_t i, enum change change, const struct slot *slot, const char *reason) {
  draft = state;
  struct model *model = &draft.models[i];
  struct slot active = model->active;
  switch (change) {
    case ASSIGNED:
      model->candidate = *slot;
      model->phase = FETCHING;
      model->failure_kind = 0;
      tell("update-started", model->name, slot, reason);
      break;
    case FILES_VERIFIED:
      model->candidate = *slot;
      model->phase = VERIFIED;
      model->attempts = 0;
      tell("update-fetched", model->name, slot, reason);
      break;
    case PREFLIGHT_STARTED:
      model->phase = PREFLIGHT;
      model->attempts++;
      break;
    case TRIAL_STARTED:
      model->attempts = model->phase == TRIAL ? model->attempts + 1 : 1;
      model->phase = TRIAL;
      tell("trial-started", model->name, &model->candidate, reason);
      break;
    case CONFIRMED:
      if (!is_empty(&active)) model->previous = active;
      model->active = model->candidate;
      tell("update-confirmed", model->name, &model->active, reason);
      break;
    case PREVIOUS_ACTIVATED:
      model->active = model->previous;
      model->previous = active;
      model->failure_kind = 0;
      tell("model-activated", model->name, &model->active, reason);
      break;
    case ACTIVE_LOST:
      tell("worker-stopped", model->name, &active, reason);
      model->active = model->previous;
      empty(&model->previous);
      break;
    case PREVIOUS_LOST: empty(&model->previous); break;
    case ABANDONED: break;
    case REMOVED: memset(model, 0, sizeof *model); break;
  }
  if (change == CONFIRMED || change == ABANDONED) {
    empty(&model->candidate);
    model->phase = IDLE;
  }
  sweep_due = true;
  return save();
}

static void serve(size_t i, const struct slot *slot) {
  char path[1024];
  blob_path(slot->file, path, sizeof path);
  runtime_serve(state.models[i].name, is_empty(slot) ? NULL : path);
}

static bool is_whole(const struct slot *slot) {
  return blob_is_whole(slot->package) && blob_is_whole(slot->manifest) && blob_is_whole(slot->golden) && blob_is_whole(slot->file);
}

static bool check(const struct slot *slot, char *why) {
  char file[1024], golden[1024];
  snprintf(why, REASON, "a file of the package is damaged");
  if (!is_whole(slot)) return false;
  blob_path(slot->file, file, sizeof file);
  blob_path(slot->golden, golden, sizeof golden);
  return runtime_check(file, golden, why, REASON);
}

/* True when the file is here. Else it is fetched, one file at a time, from where an earlier attempt broke off. */
static bool has_file(size_t i, const struct file *file) {
  if (blob_is_whole(file->digest)) return true;
  if (fetch.is_wanted && memcmp(&fetch.file, file, sizeof *file) == 0) return false;
  double offset = part_size(file->digest);
  if (offset > file->size) {
    part_remove(file->digest);
    offset = 0;
  }
  if (file->size - offset > disk_free()) {
    give_up(i, FAILED, "no space: the disk has no room for the package");
    return false;
  }
  fetch.is_wanted = true;
  fetch.file = *file;
  fetch.offset = offset;
  fetch.asks = 0;
  fetch.ask_at = 0;
  return false;
}

/* Signature, manifest, choice, files. Called again after each file, and looks at everything again: it is cheap beside the fetching. */
static void fetch_package(size_t i, const struct wanted *wanted) {
  static uint8_t bundle[DOCUMENT_BYTES], text[DOCUMENT_BYTES];
  char why[REASON];
  struct span statement;
  struct file manifest;
  struct variant variant;
  size_t n = (size_t)wanted->package.size;
  if (wanted->package.size < 1 || wanted->package.size > DOCUMENT_BYTES) {
    give_up(i, REJECTED, "the package's signature is empty or too large");
    return;
  }
  if (!has_file(i, &wanted->package)) return;
  if (!blob_read(wanted->package.digest, bundle, n) || !read_bundle(bundle, n, &publisher, &statement, &manifest, why)) {
    give_up(i, REJECTED, why);
    return;
  }
  if (!has_file(i, &manifest)) return;
  if (!blob_read(manifest.digest, text, (size_t)manifest.size) ||
      !read_manifest((struct span){text, (size_t)manifest.size}, statement, wanted, &profile, &variant, why)) {
    give_up(i, REJECTED, why);
    return;
  }
  if (!has_file(i, &variant.golden) || !has_file(i, &variant.file)) return;
  struct slot slot = state.models[i].candidate;
  memcpy(slot.variant, variant.id, NAME);
  memcpy(slot.manifest, manifest.digest, DIGEST);
  memcpy(slot.golden, variant.golden.digest, DIGEST);
  memcpy(slot.file, variant.file.digest, DIGEST);
  transition(i, FILES_VERIFIED, &slot, variant.id);
}

static void start_trial(size_t i, int64_t now) {
  char why[REASON];
  if (state.models[i].phase != TRIAL) {
    if (state.models[i].phase == PREFLIGHT && state.models[i].attempts >= MAX_ATTEMPTS) {
      give_up(i, FAILED, "3 preflights were cut off before they ended");
      return;
    }
    if (!transition(i, PREFLIGHT_STARTED, NULL, "")) return;
    if (!check(&state.models[i].candidate, why)) {
      give_up(i, FAILED, why);
      return;
    }
  } else if (state.models[i].attempts >= MAX_ATTEMPTS) {
    give_up(i, ROLLED_BACK, "3 trials were cut off before they ended");
    return;
  }
  bool is_resumed = state.models[i].phase == TRIAL;
  if (!transition(i, TRIAL_STARTED, NULL, "")) return;
  if (is_resumed && !check(&state.models[i].candidate, why)) {
    give_up(i, ROLLED_BACK, why);
    return;
  }
  running[i].in_trial = true;
  running[i].trial_since = now;
  serve(i, &state.models[i].candidate);
}

/* Judges by what this device sees of the model, never by whether a server can be reached. */
static void judge_trial(size_t i, const struct wanted *wanted, int64_t now) {
  uint32_t inferences, errors;
  runtime_health(state.models[i].name, &inferences, &errors);
  double elapsed = (double)(now - running[i].trial_since);
  bool is_over = elapsed >= wanted->deadline_ms, is_enough = inferences >= wanted->min_inferences;
  uint32_t counted = is_over || is_enough ? inferences : wanted->min_inferences;
  bool is_bad = errors > wanted->max_error_share * counted;
  if (!is_bad && !is_over && !(is_enough && elapsed >= wanted->soak_ms)) {
    if (compare_at > now + LOOK_AT_TRIAL) compare_at = now + LOOK_AT_TRIAL;
    return;
  }
  running[i].in_trial = false;
  if (is_bad) {
    serve(i, &state.models[i].active);
    give_up(i, ROLLED_BACK, "too many of its inferences failed");
  } else transition(i, CONFIRMED, NULL, is_enough ? "healthy for its time" : "its time brought few inferences, and nothing went wrong");
}

static void step(size_t i, const struct wanted *wanted, int64_t now) {
  struct model *model = &state.models[i];
  char why[REASON];
  if (model->phase != IDLE && memcmp(model->candidate.package, wanted->package.digest, DIGEST) != 0) {
    running[i].in_trial = false;
    fetch.is_wanted = false;
    serve(i, &model->active);
    transition(i, ABANDONED, NULL, "");
  } else if (model->phase == FETCHING) fetch_package(i, wanted);
  else if (running[i].in_trial) judge_trial(i, wanted, now);
  else if (model->phase != IDLE) start_trial(i, now);
  else if (memcmp(model->active.package, wanted->package.digest, DIGEST) == 0) return;
  else if (model->failure_kind != 0 && memcmp(model->failure_package, wanted->package.digest, DIGEST) == 0) return;
  else if (memcmp(model->previous.package, wanted->package.digest, DIGEST) == 0) {
    if (!check(&model->previous, why)) transition(i, PREVIOUS_LOST, NULL, "");
    else if (transition(i, PREVIOUS_ACTIVATED, NULL, "it was confirmed on this device before")) serve(i, &state.models[i].active);
  } else {
    struct slot slot;
    empty(&slot);
    memcpy(slot.version, wanted->version, NAME);
    memcpy(slot.package, wanted->package.digest, DIGEST);
    transition(i, ASSIGNED, &slot, "");
  }
}

static const struct wanted *wanted_of(const struct assignment *assignment, const char *name) {
  for (uint32_t i = 0; i < assignment->count; i++)
    if (strcmp(assignment->models[i].model, name) == 0) return &assignment->models[i];
  return NULL;
}

static bool is_needed(const uint8_t *digest) {
  for (size_t i = 0; i < MAX_MODELS; i++) {
    const struct slot *slots[] = {&state.models[i].active, &state.models[i].candidate, &state.models[i].previous};
    for (size_t k = 0; k < 3; k++) {
      const uint8_t *files[] = {slots[k]->package, slots[k]->manifest, slots[k]->golden, slots[k]->file};
      for (size_t f = 0; !is_empty(slots[k]) && f < 4; f++)
        if (memcmp(files[f], digest, DIGEST) == 0) return true;
    }
  }
  return false;
}

/* Compares what is assigned with what is there; one change for each model. Called when something changed, and at compare_at. */
static void compare(int64_t now) {
  look_again = false;
  compare_at = now + MINUTE;
  if (state.assignment.epoch == 0 && state.assignment.generation == 0) return;
  if (state.assignment.keeps_models) return;
  bool is_fetching = false;
  for (size_t i = 0; i < MAX_MODELS; i++) {
    if (state.models[i].name[0] == 0 || wanted_of(&state.assignment, state.models[i].name) != NULL) continue;
    runtime_serve(state.models[i].name, NULL);
    running[i].in_trial = fetch.is_wanted = false;
    transition(i, REMOVED, NULL, "");
  }
  for (uint32_t w = 0; w < state.assignment.count; w++) {
    const struct wanted *wanted = &state.assignment.models[w];
    size_t place = MAX_MODELS, i = 0;
    for (size_t k = MAX_MODELS; k-- > 0;)
      if (state.models[k].name[0] == 0) place = k;
    while (i < MAX_MODELS && strcmp(state.models[i].name, wanted->model) != 0) i++;
    if (i == MAX_MODELS && place < MAX_MODELS) {
      draft = state;
      memcpy(draft.models[place].name, wanted->model, NAME);
      draft.models[place].phase = IDLE;
      if (save()) i = place;
    }
    if (i == MAX_MODELS || (is_fetching && state.models[i].phase == FETCHING)) continue;
    step(i, wanted, now);
    is_fetching = is_fetching || state.models[i].phase == FETCHING;
  }
  /* While something is fetched it is not known which of the files belong to it. */
  if (look_again || is_fetching || !sweep_due) return;
  sweep_due = false;
  blobs_sweep(is_needed);
}

/* --- what the control plane says --- */

static void refuse(const char *reason) {
  /* A broker that repeats itself must not fill the spool. */
  if (strcmp(reason, refusal) == 0) return;
  snprintf(refusal, REASON, "%s", reason);
  draft = state;
  tell("assignment-refused", "", NULL, reason);
  save();
}

static void take_desired(struct span statement) {
  static struct assignment next;
  const struct assignment *last = &state.assignment;
  char why[REASON];
  if (!read_assignment(statement, &director, device, &next, why)) {
    refuse(why);
    return;
  }
  bool is_same = next.epoch == last->epoch && next.generation == last->generation;
  if (next.epoch < last->epoch || (next.epoch == last->epoch && next.generation < last->generation))
    refuse("the assignment is older than one that was accepted before");
  else if (is_same && (next.count != last->count || memcmp(next.models, last->models, sizeof next.models) != 0))
    refuse("the assignment differs from the one that was accepted under the same generation");
  else {
    refusal[0] = 0;
    if (is_same) return;
    draft = state;
    for (size_t i = 0; i < MAX_MODELS; i++) {
      struct model *model = &draft.models[i];
      const struct wanted *before = wanted_of(last, model->name), *after = wanted_of(&next, model->name);
      bool asks_again = before != NULL && after != NULL && memcmp(after->package.digest, model->failure_package, DIGEST) == 0 &&
                        strcmp(before->rollout, after->rollout) == 0;
      if (!asks_again) model->failure_kind = 0;
    }
    memcpy(&draft.assignment, &next, sizeof next);
    fetch.is_wanted = false;
    save();
  }
}

static void take_ack(struct span body) {
  struct pb field = pb_of(body);
  uint32_t lane = 0, through = 0;
  bool is_ours = false, rewind = false;
  while (pb_next(&field)) {
    if (pb_is(&field, 1, PB_NUMBER)) lane = (uint32_t)field.number;
    if (pb_is(&field, 2, PB_BYTES)) is_ours = span_is(field.bytes, state.epoch);
    if (pb_is(&field, 3, PB_NUMBER)) through = (uint32_t)field.number;
    if (pb_is(&field, 4, PB_NUMBER)) rewind = field.number != 0;
  }
  /* Of another lane or life of the spool, or of records that were never written: it deletes nothing. */
  if (field.broken || lane != LANE_LIFECYCLE || !is_ours || through >= state.next_seq) return;
  forget_events(through);
  if (in_flight <= through || rewind) in_flight = 0;
  if (rewind || sent_through < through) sent_through = through;
}

static void fetch_later(int64_t now) { fetch.ask_at = now + delay_after(fetch.asks++); }

static void take_block(struct span body) {
  struct pb field = pb_of(body);
  struct span digest = {0}, data = {0}, error = {0};
  double offset = 0;
  while (pb_next(&field)) {
    if (pb_is(&field, 1, PB_BYTES)) digest = field.bytes;
    if (pb_is(&field, 2, PB_REAL)) offset = field.real;
    if (pb_is(&field, 4, PB_BYTES)) data = field.bytes;
    if (pb_is(&field, 5, PB_BYTES)) error = field.bytes;
  }
  bool is_ours = !field.broken && fetch.is_wanted && digest.n == DIGEST && memcmp(digest.at, fetch.file.digest, DIGEST) == 0;
  if (!is_ours || offset != fetch.offset || fetch.asks == 0) return;
  double left = fetch.file.size - fetch.offset;
  if (error.n > 0) {
    say("a block could not be had", "");
    fetch_later(steady_ms());
    return;
  }
  /* A block of another length is damaged: it is asked for again when its time is over. */
  if ((double)data.n != (left < BLOCK_BYTES ? left : BLOCK_BYTES)) return;
  if (!part_write(fetch.file.digest, fetch.offset, data.at, data.n)) {
    say("a block could not be stored", strerror(errno));
    fetch_later(steady_ms());
    return;
  }
  fetch.offset += (double)data.n;
  fetch.asks = 0;
  fetch.ask_at = 0;
}

static void take_message(struct span topic, struct span payload) {
  struct pb field = pb_of(payload);
  uint32_t body = 0;
  struct span bytes = {0};
  while (pb_next(&field))
    if (field.type == PB_BYTES) {
      body = field.field;
      bytes = field.bytes;
    }
  /* Whatever this version does not know, or cannot read, changes nothing. */
  if (field.broken) return;
  if (body == 1 && span_is(topic, topics[DESIRED])) take_desired(bytes);
  if (body == 2 && span_is(topic, topics[ACK])) take_ack(bytes);
  if (body == 3 && span_is(topic, topics[BLOCK_DATA])) take_block(bytes);
}

/* --- what this device says --- */

static void put_slot(struct out *out, uint32_t number, const struct slot *slot) {
  if (is_empty(slot)) return;
  size_t opened = pb_open(out, number);
  pb_text(out, 1, slot->version);
  pb_bytes(out, 2, slot->package, DIGEST);
  pb_text(out, 3, slot->variant);
  pb_close(out, opened);
}

static void put_reported(struct out *out, uint32_t number) {
  size_t report = pb_open(out, number);
  pb_uint(out, 1, state.assignment.epoch);
  pb_uint(out, 2, state.assignment.generation);
  for (size_t i = 0; i < MAX_MODELS; i++) {
    const struct model *model = &state.models[i];
    if (model->name[0] == 0) continue;
    size_t opened = pb_open(out, 3);
    pb_text(out, 1, model->name);
    put_slot(out, 2, &model->active);
    put_slot(out, 3, &model->candidate);
    put_slot(out, 4, &model->previous);
    pb_uint(out, 5, model->phase);
    if (model->failure_kind != 0) {
      size_t failure = pb_open(out, 6);
      pb_bytes(out, 1, model->failure_package, DIGEST);
      pb_uint(out, 2, model->failure_kind);
      pb_text(out, 3, model->failure_reason);
      pb_close(out, failure);
    }
    pb_close(out, opened);
  }
  pb_text(out, 4, refusal);
  pb_close(out, report);
}

static bool publish(enum topic topic, const struct out *out) {
  return !out->full && mqtt_publish(&mqtt, topics[topic], (struct span){out->at, out->n}, topic == BLOCK_REQUEST ? 0 : 1);
}

static void put_status(struct out *out, uint32_t status) {
  size_t opened = pb_open(out, 2);
  pb_uint(out, 1, status);
  pb_text(out, 2, boot_id);
  pb_uint(out, 3, connection);
  pb_close(out, opened);
}

static void put_birth(struct out *out, int64_t booted_at) {
  size_t birth = pb_open(out, 1);
  pb_text(out, 1, boot_id);
  pb_uint(out, 2, connection);
  pb_text(out, 3, CLIENT_VERSION);
  size_t about = pb_open(out, 4);
  pb_text(out, 1, profile.architecture);
  pb_text(out, 2, profile.system);
  char flags[sizeof profile.flags];
  memcpy(flags, profile.flags, sizeof flags);
  for (char *flag = strtok(flags, " "); flag != NULL; flag = strtok(NULL, " ")) pb_text(out, 3, flag);
  pb_double(out, 4, profile.memory);
  size_t runtime = pb_open(out, 5);
  pb_text(out, 1, profile.runtime);
  pb_text(out, 2, profile.runtime_version);
  pb_close(out, runtime);
  pb_text(out, 6, profile.hardware);
  pb_close(out, about);
  put_reported(out, 5);
  pb_double(out, 6, wall_ms());
  pb_double(out, 7, (double)(steady_ms() - booted_at));
  pb_close(out, birth);
}

static void put_event(struct out *out, const struct event *event) {
  size_t record = pb_open(out, 3);
  pb_uint(out, 1, event->seq);
  pb_double(out, 2, event->time_ms);
  size_t body = pb_open(out, event->from != 0 ? 5 : 4);
  if (event->from != 0) {
    pb_uint(out, 1, event->from);
    pb_uint(out, 2, event->seq - event->from + 1);
    pb_double(out, 3, event->bytes);
    pb_text(out, 4, event->reason);
  } else {
    pb_text(out, 1, event->name);
    pb_text(out, 2, event->model);
    pb_text(out, 3, event->version);
    if (event->has_package) pb_bytes(out, 4, event->package, DIGEST);
    pb_text(out, 5, event->reason);
  }
  pb_close(out, body);
  pb_close(out, record);
}

/* One batch at a time. Only the control plane's acknowledgement deletes a record: the broker's PUBACK proves nothing. */
static bool send_events(struct out *out, int64_t now, int64_t *wake) {
  if (in_flight != 0 && now - sent_at >= ACK_PATIENCE) in_flight = sent_through = 0;
  if (in_flight == 0) {
    size_t batch = pb_open(out, 3);
    pb_uint(out, 1, LANE_LIFECYCLE);
    pb_text(out, 2, state.epoch);
    for (uint32_t i = 0; i < state.kept; i++) {
      if (state.events[i].seq <= sent_through) continue;
      if (out->n + sizeof state.events[i] + 64 > BATCH_BYTES) break;
      put_event(out, &state.events[i]);
      in_flight = state.events[i].seq;
    }
    pb_close(out, batch);
    if (in_flight == 0) return true;
    sent_through = in_flight;
    sent_at = now;
    if (!publish(EVT, out)) return false;
  }
  if (*wake > sent_at + ACK_PATIENCE) *wake = sent_at + ACK_PATIENCE;
  return true;
}

static bool ask_for_block(struct out *out, int64_t now, int64_t *wake) {
  if (!fetch.is_wanted) return true;
  if (fetch.offset >= fetch.file.size && fetch.asks == 0) {
    if (part_commit(fetch.file.digest)) {
      fetch.is_wanted = false;
      look_again = true;
      return true;
    }
    say("what arrived for a file is not what its digest says", "");
    fetch.offset = 0;
    fetch.asks = 1;
    fetch_later(now);
  }
  if (now >= fetch.ask_at) {
    double left = fetch.file.size - fetch.offset;
    size_t opened = pb_open(out, 5);
    pb_bytes(out, 1, fetch.file.digest, DIGEST);
    pb_double(out, 2, fetch.offset);
    pb_uint(out, 3, left < BLOCK_BYTES ? (uint32_t)left : BLOCK_BYTES);
    pb_close(out, opened);
    fetch.ask_at = now + BLOCK_PATIENCE + delay_after(fetch.asks++);
    if (!publish(BLOCK_REQUEST, out)) return false;
  }
  if (*wake > fetch.ask_at) *wake = fetch.ask_at;
  return true;
}

/* Birth first, then presence; then what changed, the events, and the next block. */
static bool speak(int64_t now, int64_t booted_at, int64_t *wake) {
  static uint8_t bytes[BATCH_BYTES], reported[8192];
  static size_t reported_bytes;
  struct out out = {.at = bytes, .cap = sizeof bytes};
  uint8_t report[sizeof reported];
  struct out now_reported = {.at = report, .cap = sizeof report};
  put_reported(&now_reported, 4);
  bool is_changed = now_reported.n != reported_bytes || memcmp(report, reported, reported_bytes) != 0;
  memcpy(reported, report, now_reported.n);
  reported_bytes = now_reported.n;
  if (birth_due) {
    birth_due = false;
    in_flight = sent_through = 0;
    fetch.ask_at = 0;
    put_birth(&out, booted_at);
    if (!publish(BIRTH, &out)) return false;
    out.n = 0;
    put_status(&out, ONLINE);
    if (!publish(STATUS, &out)) return false;
    out.n = 0;
  } else if (is_changed && !publish(REP, &now_reported)) return false;
  if (!send_events(&out, now, wake)) return false;
  out.n = 0;
  return ask_for_block(&out, now, wake);
}

/* --- the loop --- */

static void lose_connection(int64_t now) {
  mqtt_close(&mqtt, false);
  if (now - connected_at >= MINUTE) lost_connections = 0;
  connect_at = now + delay_after(lost_connections++);
  say("not connected", "");
}

static void try_to_connect(int64_t now) {
  static uint8_t will[128];
  struct out out = {.at = will, .cap = sizeof will};
  connection++;
  put_status(&out, OFFLINE);
  broker.will = (struct span){will, out.n};
  connected_at = now;
  birth_due = true;
  if (!mqtt_connect(&mqtt, &broker, now)) lose_connection(steady_ms());
}

static void say_goodbye(void) {
  uint8_t bytes[128];
  struct out out = {.at = bytes, .cap = sizeof bytes};
  put_status(&out, OFFLINE);
  mqtt_close(&mqtt, mqtt.is_ready && publish(STATUS, &out));
}

static void wait_for(int64_t wake, const sigset_t *signals) {
  fd_set readable;
  int64_t left = wake - steady_ms();
  if (left < 0) left = 0;
  struct timespec time = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
  FD_ZERO(&readable);
  if (mqtt.socket >= 0) FD_SET(mqtt.socket, &readable);
  /* Signals come in here and nowhere else, so that none is missed between looking and waiting. */
  if (pselect(mqtt.socket + 1, &readable, NULL, NULL, &time, signals) <= 0 || mqtt.socket < 0) return;
  if (!mqtt_read(&mqtt, &broker, steady_ms(), take_message)) lose_connection(steady_ms());
}

static void run(const sigset_t *signals) {
  int64_t booted_at = steady_ms();
  while (!stopping) {
    int64_t now = steady_ms(), wake = now + MQTT_KEEP_ALIVE * SECOND / 3;
    if (look_again || now >= compare_at) compare(now);
    if (wake > compare_at) wake = compare_at;
    if (mqtt.socket < 0 && now >= connect_at) try_to_connect(now);
    else if (mqtt.socket >= 0 && !mqtt_tick(&mqtt, now)) lose_connection(now);
    if (mqtt.is_ready && !speak(now, booted_at, &wake)) lose_connection(now);
    if (mqtt.socket < 0 && wake > connect_at) wake = connect_at;
    wait_for(look_again ? 0 : wake, signals);
  }
  say_goodbye();
}

/* --- start --- */

static void stop(int signal) {
  (void)signal;
  stopping = 1;
}

static const char *given(const char *name) {
  const char *value = getenv(name);
  if (value != NULL && value[0] != 0) return value;
  fprintf(stderr, "%s is not set\n", name);
  exit(2);
}

/* 32-bit FNV-1a, finished as in MurmurHash3. A device id is ASCII. */
static unsigned shard_of(const char *id) {
  uint32_t hash = 0x811c9dc5;
  for (; *id != 0; id++) hash = (hash ^ (uint8_t)*id) * 0x01000193;
  hash = (hash ^ hash >> 16) * 0x85ebca6b;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35;
  return (hash ^ hash >> 16) % 64;
}

/* The flags that manifests ask for, of those that every processor has. */
static void read_flags(char *flags, size_t cap) {
  static const char *const known[] = {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "neon", "asimd", "asimddp", "i8mm"};
  static char line[16384];
  bool has[8] = {true, true, true, true, true, true, true, true}, any = false;
  FILE *file = fopen("/proc/cpuinfo", "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, "flags", 5) != 0 && strncmp(line, "Features", 8) != 0) continue;
    any = true;
    line[strcspn(line, "\n")] = ' ';
    for (size_t i = 0; i < 8; i++) {
      char flag[32];
      snprintf(flag, sizeof flag, " %s ", known[i]);
      has[i] &= strstr(line, flag) != NULL;
    }
  }
  if (file != NULL) fclose(file);
  size_t n = (size_t)snprintf(flags, cap, " ");
  for (size_t i = 0; any && i < 8; i++)
    if (has[i]) n += (size_t)snprintf(flags + n, cap - n, "%s ", known[i]);
}

static void read_profile(void) {
  static struct utsname name;
  static char system[160];
  static const char *const architectures[][2] = {{"x86_64", "x64"}, {"aarch64", "arm64"}, {"armv7l", "arm"}, {"armv6l", "arm"}, {"i686", "ia32"}};
  uname(&name);
  snprintf(system, sizeof system, "linux %.100s", name.release);
  profile = (struct profile){.architecture = name.machine, .system = system, .runtime = runtime_name, .runtime_version = runtime_version};
  for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++)
    if (strcmp(name.machine, architectures[i][0]) == 0) profile.architecture = architectures[i][1];
  profile.hardware = getenv("SEDGE_HARDWARE") != NULL ? getenv("SEDGE_HARDWARE") : profile.architecture;
  profile.memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
  read_flags(profile.flags, sizeof profile.flags);
}

int main(void) {
  static const char *subscriptions[] = {topics[DESIRED], topics[CMD], topics[ACK], topics[BLOCK_DATA], NULL};
  sigset_t blocked, before;
  struct sigaction action = {.sa_handler = stop};
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGINT);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  mqtt.socket = -1;
  device = given("SEDGE_DEVICE");
  for (int i = 0; i < TOPICS; i++) snprintf(topics[i], sizeof topics[i], "sedge/v1/s/%02u/d/%.64s/%s", shard_of(device), device, leaves[i]);
  broker = (struct mqtt_options){.host = given("SEDGE_MQTT_HOST"), .port = given("SEDGE_MQTT_PORT"), .id = device, .secret = given("SEDGE_SECRET")};
  broker.will_topic = topics[STATUS];
  broker.topics = subscriptions;
  if (!read_key(&director, given("SEDGE_DIRECTOR_KEY")) || !read_key(&publisher, given("SEDGE_PUBLISHER_KEY"))) {
    fprintf(stderr, "a key is no public key of ECDSA P-256\n");
    return 2;
  }
  if (!disk_open(given("SEDGE_DATA"))) {
    perror("SEDGE_DATA");
    return 1;
  }
  random_hex(boot_id);
  read_profile();
  load_state();
  for (size_t i = 0; i < MAX_MODELS; i++) {
    while (!is_empty(&state.models[i].active) && !is_whole(&state.models[i].active))
      if (!transition(i, ACTIVE_LOST, NULL, "its files are damaged")) return 1;
    if (state.models[i].name[0] != 0) serve(i, &state.models[i].active);
  }
  run(&before);
  return 0;
}
