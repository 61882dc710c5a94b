/* Bytes: protobuf and JSON of somebody else are read in place, without allocation; what this device says is written into bounded buffers. */
#ifndef WIRE_H
#define WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
  const uint8_t *at;
  size_t n;
};
bool span_is(struct span bytes, const char *text);

/* Hexadecimal text of n bytes; `text` has room for 2n + 1. */
void hex_of(const uint8_t *bytes, size_t n, char *text);
bool bytes_of_hex(struct span text, uint8_t *bytes, size_t n);
/* Decodes base64 in place, where the text lies. False when it is none. */
bool base64_in_place(uint8_t *text, size_t n, size_t *decoded);

/* A writer. What does not fit is not written, and `full` says so: look at it once, at the end. */
struct out {
  uint8_t *at;
  size_t n, cap;
  bool full;
};
void put_bytes(struct out *out, const void *bytes, size_t n);
void put_big_endian_16(struct out *out, size_t value);

/* Protobuf, written. Fields of their default value are left out, as proto3 does. */
void pb_uint(struct out *out, uint32_t field, uint32_t value);
void pb_double(struct out *out, uint32_t field, double value);
void pb_bytes(struct out *out, uint32_t field, const void *bytes, size_t n);
void pb_text(struct out *out, uint32_t field, const char *text);
/* A message inside: what is written between the two calls is its body. */
size_t pb_open(struct out *out, uint32_t field);
void pb_close(struct out *out, size_t opened);

/* Protobuf, read: one field after the other. Fields that nobody asks for are passed over, whatever they are. */
struct pb {
  struct span rest;
  uint32_t field, type;
  uint64_t number;
  double real;
  struct span bytes;
  bool broken;
};
enum { PB_NUMBER = 0, PB_REAL = 1, PB_BYTES = 2 };
struct pb pb_of(struct span bytes);
/* False at the end, and where the bytes are no protobuf: `broken` tells which. */
bool pb_next(struct pb *reader);
bool pb_is(const struct pb *reader, uint32_t field, uint32_t type);

/* JSON: a value is the span of its text. json_document checks the whole text once; the others expect such a value. */
bool json_document(struct span text, struct span *value);
bool json_member(struct span object, const char *name, struct span *value);
/* Goes through a list: `cursor` starts as the list itself. */
bool json_item(struct span *cursor, struct span *item);
bool json_is_list(struct span value);
/* Text without its quotes and escapes; false when it is none, is longer than cap - 1 or has other than ASCII characters in it. */
bool json_text(struct span value, char *text, size_t cap);
bool json_is(struct span value, const char *text);
/* A number from 0 to max; a whole one. */
bool json_quantity(struct span value, double max, double *quantity);
bool json_count(struct span value, double max, double *count);
#endif
