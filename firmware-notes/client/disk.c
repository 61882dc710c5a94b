#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "wire.h"

enum { DIGEST = 32, PATH_BYTES = 1024, RESERVED_BYTES = 1024 * 1024 };
static char root[512], blobs[528];

bool disk_open(const char *directory) {
  if ((size_t)snprintf(root, sizeof root, "%s", directory) >= sizeof root) return false;
  snprintf(blobs, sizeof blobs, "%s/blobs", root);
  return (mkdir(root, 0700) == 0 || errno == EEXIST) && (mkdir(blobs, 0700) == 0 || errno == EEXIST);
}

static bool sync_directory(const char *directory) {
  int fd = open(directory, O_RDONLY | O_DIRECTORY);
  bool good = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  return good;
}

static bool write_at(int fd, const uint8_t *bytes, size_t n, off_t offset) {
  while (n > 0) {
    ssize_t written = pwrite(fd, bytes, n, offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    offset += written;
    n -= (size_t)written;
  }
  return true;
}

/* How many bytes there were, up to cap. */
static size_t read_up_to(int fd, uint8_t *bytes, size_t cap) {
  size_t n = 0;
  while (n < cap) {
    ssize_t got = read(fd, bytes + n, cap - n);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    n += (size_t)got;
  }
  return n;
}

/* Content, then fsync, then the name, then fsync of the directory that holds the name: any other order can lose the old file too. */
bool disk_save(const char *name, const void *bytes, size_t n) {
  char path[PATH_BYTES], fresh[PATH_BYTES];
  uint8_t digest[DIGEST];
  snprintf(path, sizeof path, "%s/%s", root, name);
  snprintf(fresh, sizeof fresh, "%s/%s.new", root, name);
  int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return false;
  bool good = EVP_Digest(bytes, n, digest, NULL, EVP_sha256(), NULL) == 1 && write_at(fd, bytes, n, 0) &&
              write_at(fd, digest, DIGEST, (off_t)n) && fsync(fd) == 0;
  good &= close(fd) == 0;
  return good && rename(fresh, path) == 0 && sync_directory(root);
}

bool disk_has(const char *name) {
  char path[PATH_BYTES];
  snprintf(path, sizeof path, "%s/%s", root, name);
  return access(path, F_OK) == 0;
}

bool disk_load(const char *name, void *bytes, size_t cap, size_t *n) {
  char path[PATH_BYTES];
  uint8_t digest[DIGEST], found[DIGEST];
  struct stat about;
  snprintf(path, sizeof path, "%s/%s", root, name);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return false;
  bool good = fstat(fd, &about) == 0 && about.st_size >= DIGEST && (size_t)about.st_size - DIGEST <= cap;
  if (good) {
    *n = (size_t)about.st_size - DIGEST;
    good = read_up_to(fd, bytes, *n) == *n && read_up_to(fd, digest, DIGEST) == DIGEST &&
           EVP_Digest(bytes, *n, found, NULL, EVP_sha256(), NULL) == 1 && memcmp(digest, found, DIGEST) == 0;
  }
  close(fd);
  return good;
}

/* --- files under their digests --- */

static void path_of(const uint8_t *digest, const char *ending, char *path, size_t cap) {
  char hex[2 * DIGEST + 1];
  hex_of(digest, DIGEST, hex);
  snprintf(path, cap, "%s/%s%s", blobs, hex, ending);
}

void blob_path(const uint8_t *digest, char *path, size_t cap) { path_of(digest, "", path, cap); }

static bool has_digest(const char *path, const uint8_t *digest) {
  static uint8_t bytes[64 * 1024];
  uint8_t found[DIGEST];
  int fd = open(path, O_RDONLY);
  if (fd < 0) return false;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool good = context != NULL && EVP_DigestInit(context, EVP_sha256()) == 1;
  for (size_t n; good && (n = read_up_to(fd, bytes, sizeof bytes)) > 0;) good = EVP_DigestUpdate(context, bytes, n) == 1;
  good = good && EVP_DigestFinal(context, found, NULL) == 1 && memcmp(found, digest, DIGEST) == 0;
  EVP_MD_CTX_free(context);
  close(fd);
  return good;
}

bool blob_is_whole(const uint8_t *digest) {
  char path[PATH_BYTES];
  path_of(digest, "", path, sizeof path);
  if (access(path, F_OK) != 0) return false;
  if (has_digest(path, digest)) return true;
  unlink(path);
  return false;
}

bool blob_read(const uint8_t *digest, uint8_t *bytes, size_t n) {
  char path[PATH_BYTES];
  uint8_t found[DIGEST], more;
  path_of(digest, "", path, sizeof path);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return false;
  bool good = read_up_to(fd, bytes, n) == n && read_up_to(fd, &more, 1) == 0;
  close(fd);
  return good && EVP_Digest(bytes, n, found, NULL, EVP_sha256(), NULL) == 1 && memcmp(found, digest, DIGEST) == 0;
}

double part_size(const uint8_t *digest) {
  char path[PATH_BYTES];
  struct stat about;
  path_of(digest, ".part", path, sizeof path);
  return stat(path, &about) == 0 ? (double)about.st_size : 0;
}

bool part_write(const uint8_t *digest, double offset, const uint8_t *bytes, size_t n) {
  char path[PATH_BYTES];
  path_of(digest, ".part", path, sizeof path);
  int fd = open(path, O_WRONLY | O_CREAT, 0600);
  if (fd < 0) return false;
  /* Made durable block by block: a power cut costs what was on its way, and no more. */
  bool good = write_at(fd, bytes, n, (off_t)offset) && fdatasync(fd) == 0;
  return close(fd) == 0 && good;
}

void part_remove(const uint8_t *digest) {
  char path[PATH_BYTES];
  path_of(digest, ".part", path, sizeof path);
  unlink(path);
}

bool part_commit(const uint8_t *digest) {
  char part[PATH_BYTES], path[PATH_BYTES];
  path_of(digest, ".part", part, sizeof part);
  path_of(digest, "", path, sizeof path);
  int fd = open(part, O_RDONLY);
  bool good = fd >= 0 && has_digest(part, digest) && fsync(fd) == 0 && rename(part, path) == 0 && sync_directory(blobs);
  if (fd >= 0) close(fd);
  if (!good) unlink(part);
  return good;
}

void blobs_sweep(bool (*is_needed)(const uint8_t *digest)) {
  DIR *directory = opendir(blobs);
  if (directory == NULL) return;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char path[PATH_BYTES];
    uint8_t digest[DIGEST];
    struct span name = {(const uint8_t *)entry->d_name, strcspn(entry->d_name, ".")};
    if (!bytes_of_hex(name, digest, DIGEST) || is_needed(digest)) continue;
    snprintf(path, sizeof path, "%s/%s", blobs, entry->d_name);
    unlink(path);
  }
  closedir(directory);
}

double disk_free(void) {
  struct statvfs disk;
  if (statvfs(root, &disk) != 0) return 0;
  double bytes = (double)disk.f_bavail * (double)disk.f_frsize - RESERVED_BYTES;
  return bytes > 0 ? bytes : 0;
}
