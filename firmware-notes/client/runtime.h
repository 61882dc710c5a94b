/* Where a firmware calls its own inference runtime. Everything else of this client can stay as it is. */
#ifndef RUNTIME_H
#define RUNTIME_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What manifests name in `runtimes`, and its version. */
extern const char runtime_name[], runtime_version[];

/*
 * Loads the model file, repeats the golden cases (protobuf, GoldenSet of sedge.proto), compares as the variant's `tolerance` says, and
 * leaves nothing running. False, with the reason in `why` (ASCII), when the model must not be tried.
 */
bool runtime_check(const char *model_file, const char *golden_file, char *why, size_t cap);
/* From now on this file answers for the model; NULL: none does. Called at start, at the start of a trial, and when it is over. */
void runtime_serve(const char *model, const char *model_file);
/* What the file that serves now has shown since runtime_serve: inferences asked for, and those that failed by the model's fault. */
void runtime_health(const char *model, uint32_t *inferences, uint32_t *errors);
#endif
