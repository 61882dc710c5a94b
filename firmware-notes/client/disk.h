/* What survives a power cut: one state file, and files under the SHA-256 of their content. A name appears only when its content is durable. */
#ifndef DISK_H
#define DISK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool disk_open(const char *directory);
/* Replaces the file whole or not at all. Behind the bytes stands their SHA-256. */
bool disk_save(const char *name, const void *bytes, size_t n);
bool disk_has(const char *name);
/* False when it is not there, or not as it was saved. */
bool disk_load(const char *name, void *bytes, size_t cap, size_t *n);

void blob_path(const uint8_t *digest, char *path, size_t cap);
/* Reads it through: a file that rotted is removed, or its name would keep it from being fetched again. */
bool blob_is_whole(const uint8_t *digest);
/* The whole file, of exactly n bytes. */
bool blob_read(const uint8_t *digest, uint8_t *bytes, size_t n);
/* How much of a file that is being fetched is here. */
double part_size(const uint8_t *digest);
bool part_write(const uint8_t *digest, double offset, const uint8_t *bytes, size_t n);
void part_remove(const uint8_t *digest);
/* Gives the file its name. False when it is not what its digest says: then it is removed. */
bool part_commit(const uint8_t *digest);
/* Removes every file and every part that nothing needs. */
void blobs_sweep(bool (*is_needed)(const uint8_t *digest));
/* What files may still take: the state must have room on a disk that models have filled. */
double disk_free(void);
#endif
