#include "wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool span_is(struct span bytes, const char *text) { return bytes.n == strlen(text) && memcmp(bytes.at, text, bytes.n) == 0; }

void hex_of(const uint8_t *bytes, size_t n, char *text) {
  for (size_t i = 0; i < n; i++) {
    text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
    text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
  }
  text[2 * n] = 0;
}

bool bytes_of_hex(struct span text, uint8_t *bytes, size_t n) {
  if (text.n != 2 * n) return false;
  memset(bytes, 0, n);
  for (size_t i = 0; i < text.n; i++) {
    const char *digit = text.at[i] == 0 ? NULL : strchr("0123456789abcdef", text.at[i]);
    if (digit == NULL) return false;
    bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | (digit - "0123456789abcdef"));
  }
  return true;
}

static int base64_digit(uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_in_place(uint8_t *text, size_t n, size_t *decoded) {
  if (n % 4 != 0) return false;
  size_t padding = n > 0 && text[n - 1] == '=' ? (text[n - 2] == '=' ? 2 : 1) : 0;
  size_t length = 0;
  uint32_t bits = 0;
  for (size_t i = 0; i < n; i++) {
    int digit = i >= n - padding ? 0 : base64_digit(text[i]);
    if (digit < 0) return false;
    bits = bits << 6 | (uint32_t)digit;
    if (i % 4 != 3) continue;
    text[length++] = (uint8_t)(bits >> 16);
    text[length++] = (uint8_t)(bits >> 8);
    text[length++] = (uint8_t)bits;
  }
  *decoded = length - padding;
  return true;
}

/* --- writing --- */

void put_bytes(struct out *out, const void *bytes, size_t n) {
  if (out->full || n > out->cap - out->n) {
    out->full = true;
    return;
  }
  if (n > 0) memcpy(out->at + out->n, bytes, n);
  out->n += n;
}

void put_big_endian_16(struct out *out, size_t value) {
  const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
  put_bytes(out, bytes, 2);
}

static void put_varint(struct out *out, uint64_t value) {
  uint8_t bytes[10];
  size_t n = 0;
  for (; value >= 128; value >>= 7) bytes[n++] = (uint8_t)(value | 128);
  bytes[n++] = (uint8_t)value;
  put_bytes(out, bytes, n);
}

static void put_tag(struct out *out, uint32_t field, uint32_t type) { put_varint(out, field << 3 | type); }

void pb_uint(struct out *out, uint32_t field, uint32_t value) {
  if (value == 0) return;
  put_tag(out, field, PB_NUMBER);
  put_varint(out, value);
}

void pb_double(struct out *out, uint32_t field, double value) {
  if (value == 0) return;
  uint64_t bits;
  memcpy(&bits, &value, 8);
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(bits >> 8 * i);
  put_tag(out, field, PB_REAL);
  put_bytes(out, bytes, 8);
}

void pb_bytes(struct out *out, uint32_t field, const void *bytes, size_t n) {
  if (n == 0) return;
  put_tag(out, field, PB_BYTES);
  put_varint(out, n);
  put_bytes(out, bytes, n);
}

void pb_text(struct out *out, uint32_t field, const char *text) { pb_bytes(out, field, text, strlen(text)); }

size_t pb_open(struct out *out, uint32_t field) {
  put_tag(out, field, PB_BYTES);
  return out->n;
}

/* The length goes in front of the body once the body is there, and moves it by as much. */
void pb_close(struct out *out, size_t opened) {
  size_t n = out->n - opened;
  put_varint(out, n);
  if (out->full) return;
  uint8_t length[10];
  size_t width = out->n - opened - n;
  memcpy(length, out->at + opened + n, width);
  memmove(out->at + opened + width, out->at + opened, n);
  memcpy(out->at + opened, length, width);
}

/* --- reading protobuf --- */

struct pb pb_of(struct span bytes) { return (struct pb){.rest = bytes}; }

static bool take_varint(struct span *rest, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest->n == 0) return false;
    uint8_t byte = *rest->at++;
    rest->n--;
    *value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) return true;
  }
  return false;
}

static bool take_bytes(struct span *rest, uint64_t n, struct span *bytes) {
  if (n > rest->n) return false;
  *bytes = (struct span){rest->at, (size_t)n};
  rest->at += n;
  rest->n -= (size_t)n;
  return true;
}

static bool take_field(struct pb *reader) {
  uint64_t tag;
  if (!take_varint(&reader->rest, &tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff) return false;
  reader->field = (uint32_t)(tag >> 3);
  reader->type = tag & 7;
  uint64_t bits = 0;
  switch (reader->type) {
    case PB_NUMBER: return take_varint(&reader->rest, &reader->number);
    case PB_BYTES: return take_varint(&reader->rest, &bits) && take_bytes(&reader->rest, bits, &reader->bytes);
    case 5: return take_bytes(&reader->rest, 4, &reader->bytes);
    case PB_REAL:
      if (!take_bytes(&reader->rest, 8, &reader->bytes)) return false;
      for (int i = 7; i >= 0; i--) bits = bits << 8 | reader->bytes.at[i];
      memcpy(&reader->real, &bits, 8);
      return true;
    default: return false; /* Groups, which proto3 does not have. */
  }
}

bool pb_next(struct pb *reader) {
  if (reader->broken || reader->rest.n == 0) return false;
  reader->broken = !take_field(reader);
  return !reader->broken;
}

bool pb_is(const struct pb *reader, uint32_t field, uint32_t type) { return reader->field == field && reader->type == type; }

/* --- reading JSON --- */

/* Deeper than any document of the protocol; it also bounds the stack. */
enum { JSON_DEPTH = 32 };

static bool is_blank(uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static const uint8_t *after_blanks(const uint8_t *p, const uint8_t *end) {
  while (p < end && is_blank(*p)) p++;
  return p;
}

static const uint8_t *after_string(const uint8_t *p, const uint8_t *end) {
  if (p == end || *p != '"') return NULL;
  for (p++; p < end; p++) {
    if (*p == '"') return p + 1;
    if (*p < 0x20) return NULL;
    if (*p == '\\' && (++p == end || *p < 0x20)) return NULL;
  }
  return NULL;
}

/* Numbers and the three words, roughly: whoever wants the value reads it exactly. */
static const uint8_t *after_word(const uint8_t *p, const uint8_t *end) {
  const uint8_t *from = p;
  while (p < end && *p != 0 && strchr("+-.0123456789Eaeflnrstu", *p) != NULL) p++;
  return p == from ? NULL : p;
}

static const uint8_t *after_value(const uint8_t *p, const uint8_t *end, int depth) {
  p = after_blanks(p, end);
  if (p == end || depth == 0) return NULL;
  if (*p == '"') return after_string(p, end);
  if (*p != '{' && *p != '[') return after_word(p, end);
  bool named = *p == '{';
  uint8_t close = named ? '}' : ']';
  p = after_blanks(p + 1, end);
  if (p < end && *p == close) return p + 1;
  for (;;) {
    if (named) {
      p = after_string(after_blanks(p, end), end);
      if (p == NULL) return NULL;
      p = after_blanks(p, end);
      if (p == end || *p++ != ':') return NULL;
    }
    p = after_value(p, end, depth - 1);
    if (p == NULL) return NULL;
    p = after_blanks(p, end);
    if (p == end) return NULL;
    if (*p == close) return p + 1;
    if (*p++ != ',') return NULL;
  }
}

bool json_document(struct span text, struct span *value) {
  const uint8_t *end = text.at + text.n;
  const uint8_t *from = after_blanks(text.at, end);
  const uint8_t *to = after_value(from, end, JSON_DEPTH);
  if (to == NULL || after_blanks(to, end) != end) return false;
  *value = (struct span){from, (size_t)(to - from)};
  return true;
}

bool json_is_list(struct span value) { return value.n > 0 && *value.at == '['; }

/* Of two members of one name the last counts, as in JavaScript. */
bool json_member(struct span object, const char *name, struct span *value) {
  if (object.n == 0 || *object.at != '{') return false;
  const uint8_t *end = object.at + object.n;
  bool found = false;
  for (const uint8_t *p = after_blanks(object.at + 1, end); *p != '}';) {
    const uint8_t *after_name = after_string(p, end);
    struct span key = {p + 1, (size_t)(after_name - p) - 2};
    const uint8_t *from = after_blanks(after_blanks(after_name, end) + 1, end);
    const uint8_t *to = after_value(from, end, JSON_DEPTH);
    if (span_is(key, name)) {
      *value = (struct span){from, (size_t)(to - from)};
      found = true;
    }
    p = after_blanks(to, end);
    if (*p == ',') p = after_blanks(p + 1, end);
  }
  return found;
}

bool json_item(struct span *cursor, struct span *item) {
  if (cursor->n == 0 || *cursor->at == ']') return false;
  const uint8_t *end = cursor->at + cursor->n;
  const uint8_t *from = after_blanks(cursor->at + 1, end);
  if (from == end || *from == ']') return false;
  const uint8_t *to = after_value(from, end, JSON_DEPTH);
  *item = (struct span){from, (size_t)(to - from)};
  /* Stands on the comma, or on the end of the list. */
  const uint8_t *next = after_blanks(to, end);
  *cursor = (struct span){next, (size_t)(end - next)};
  return true;
}

static bool put_escape(const uint8_t **p, const uint8_t *end, char *c) {
  const char *simple = strchr("\"\"\\\\//b\bf\fn\nr\rt\t", **p);
  if (**p != 'u') {
    if (simple == NULL || **p == 0) return false;
    *c = simple[1];
    (*p)++;
    return true;
  }
  uint8_t code[2];
  if (end - *p < 5 || !bytes_of_hex((struct span){*p + 1, 4}, code, 2) || code[0] != 0 || code[1] == 0 || code[1] > 126) return false;
  *c = (char)code[1];
  *p += 5;
  return true;
}

bool json_text(struct span value, char *text, size_t cap) {
  if (value.n < 2 || *value.at != '"') return false;
  const uint8_t *end = value.at + value.n - 1;
  size_t n = 0;
  for (const uint8_t *p = value.at + 1; p < end;) {
    if (n + 1 >= cap || *p > 126) return false;
    if (*p != '\\') text[n++] = (char)*p++;
    else {
      p++;
      if (!put_escape(&p, end, &text[n++])) return false;
    }
  }
  text[n] = 0;
  return true;
}

bool json_is(struct span value, const char *text) {
  char found[80];
  return json_text(value, found, sizeof found) && strcmp(found, text) == 0;
}

bool json_quantity(struct span value, double max, double *quantity) {
  char text[32], *end;
  if (value.n == 0 || value.n >= sizeof text || *value.at < '0' || *value.at > '9') return false;
  memcpy(text, value.at, value.n);
  text[value.n] = 0;
  *quantity = strtod(text, &end);
  return *end == 0 && *quantity <= max;
}

bool json_count(struct span value, double max, double *count) { return json_quantity(value, max, count) && *count == floor(*count); }
