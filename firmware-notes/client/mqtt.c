#include "mqtt.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, CONNECT = 1, CONNACK, PUBLISH, PUBACK, SUBSCRIBE = 8, SUBACK, PINGREQ = 12, PINGRESP, DISCONNECT };

static bool send_all(struct mqtt *mqtt, const uint8_t *bytes, size_t n) {
  while (n > 0) {
    ssize_t sent = send(mqtt->socket, bytes, n, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false; /* SO_SNDTIMEO is over, or the connection is. */
    bytes += sent;
    n -= (size_t)sent;
  }
  return true;
}

static bool send_packet(struct mqtt *mqtt, uint8_t first, struct span head, struct span payload) {
  uint8_t bytes[5] = {first};
  size_t n = 1;
  for (size_t left = head.n + payload.n; n == 1 || left > 0; left >>= 7) bytes[n++] = (uint8_t)((left & 127) | (left > 127 ? 128 : 0));
  return send_all(mqtt, bytes, n) && send_all(mqtt, head.at, head.n) && send_all(mqtt, payload.at, payload.n);
}

static void put_string(struct out *out, const void *text, size_t n) {
  put_big_endian_16(out, n);
  put_bytes(out, text, n);
}

static bool send_connect(struct mqtt *mqtt, const struct mqtt_options *options) {
  uint8_t bytes[2048];
  struct out out = {.at = bytes, .cap = sizeof bytes};
  put_string(&out, "MQTT", 4);
  /* Level 4; user name, password, will of quality of service 1 that is not retained, clean session. */
  put_bytes(&out, (const uint8_t[]){4, 0x80 | 0x40 | 0x08 | 0x04 | 0x02}, 2);
  put_big_endian_16(&out, MQTT_KEEP_ALIVE);
  put_string(&out, options->id, strlen(options->id));
  put_string(&out, options->will_topic, strlen(options->will_topic));
  put_string(&out, options->will.at, options->will.n);
  put_string(&out, options->id, strlen(options->id));
  put_string(&out, options->secret, strlen(options->secret));
  return !out.full && send_packet(mqtt, CONNECT << 4, (struct span){bytes, out.n}, (struct span){0});
}

bool mqtt_connect(struct mqtt *mqtt, const struct mqtt_options *options, int64_t now) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
  struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
  mqtt->socket = -1;
  mqtt->is_ready = false;
  mqtt->next_id = 1;
  mqtt->have = mqtt->dropped = 0;
  mqtt->began_at = mqtt->pinged_at = mqtt->heard_at = now;
  if (getaddrinfo(options->host, options->port, &hints, &found) != 0) return false;
  for (struct addrinfo *one = found; one != NULL && mqtt->socket < 0; one = one->ai_next) {
    int fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
    if (fd < 0) continue;
    /* On Linux it is the patience of connect too. */
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, one->ai_addr, one->ai_addrlen) == 0) mqtt->socket = fd;
    else close(fd);
  }
  freeaddrinfo(found);
  if (mqtt->socket < 0) return false;
  if (send_connect(mqtt, options)) return true;
  mqtt_close(mqtt, false);
  return false;
}

static uint16_t take_id(struct mqtt *mqtt) {
  uint16_t id = mqtt->next_id++;
  if (mqtt->next_id == 0) mqtt->next_id = 1; /* 0 is no packet id. [MQTT-2.3.1-1] */
  return id;
}

static bool send_subscribe(struct mqtt *mqtt, const struct mqtt_options *options) {
  uint8_t bytes[1024];
  struct out out = {.at = bytes, .cap = sizeof bytes};
  put_big_endian_16(&out, take_id(mqtt));
  for (const char *const *topic = options->topics; *topic != NULL; topic++) {
    put_string(&out, *topic, strlen(*topic));
    put_bytes(&out, (const uint8_t[]){1}, 1);
  }
  return !out.full && send_packet(mqtt, SUBSCRIBE << 4 | 2, (struct span){bytes, out.n}, (struct span){0});
}

bool mqtt_publish(struct mqtt *mqtt, const char *topic, struct span payload, int qos) {
  uint8_t bytes[256];
  struct out out = {.at = bytes, .cap = sizeof bytes};
  put_string(&out, topic, strlen(topic));
  if (qos == 1) put_big_endian_16(&out, take_id(mqtt));
  return !out.full && send_packet(mqtt, (uint8_t)(PUBLISH << 4 | qos << 1), (struct span){bytes, out.n}, payload);
}

/* `body` is cut where the packet was too large: `is_whole` is false then. */
static bool take_publish(struct mqtt *mqtt, uint8_t flags, struct span body, bool is_whole, void (*take)(struct span, struct span)) {
  int qos = flags >> 1 & 3;
  size_t name = body.n < 2 ? 0 : (size_t)body.at[0] << 8 | body.at[1];
  size_t head = 2 + name + (qos > 0 ? 2 : 0);
  if (qos > 1 || body.n < head) return false;
  /* First acted on, then acknowledged: who is cut off in between gets it again, and acts again. */
  if (is_whole) take((struct span){body.at + 2, name}, (struct span){body.at + head, body.n - head});
  return qos == 0 || send_packet(mqtt, PUBACK << 4, (struct span){body.at + 2 + name, 2}, (struct span){0});
}

static bool take_packet(struct mqtt *mqtt, const struct mqtt_options *options, uint8_t first, struct span body, bool is_whole,
                        void (*take)(struct span, struct span)) {
  switch (first >> 4) {
    case CONNACK: return body.n == 2 && body.at[1] == 0 && send_subscribe(mqtt, options);
    case SUBACK:
      for (size_t i = 2; i < body.n; i++)
        if (body.at[i] > 1) return false; /* 0x80 is a refusal. [MQTT-3.9.3-2] */
      mqtt->is_ready = body.n > 2;
      return mqtt->is_ready;
    case PUBLISH: return take_publish(mqtt, first & 15, body, is_whole, take);
    case PUBACK:
    case PINGRESP: return true;
    default: return false;
  }
}

/* Bytes of the fixed header, 0 while it is not all here, -1 when it is none. */
static int header_of(const uint8_t *bytes, size_t n, size_t *length) {
  *length = 0;
  for (size_t i = 1; i < n && i < 5; i++) {
    *length |= (size_t)(bytes[i] & 127) << (7 * (i - 1));
    if (bytes[i] < 128) return (int)i + 1;
  }
  return n < 5 ? 0 : -1;
}

bool mqtt_read(struct mqtt *mqtt, const struct mqtt_options *options, int64_t now, void (*take)(struct span topic, struct span payload)) {
  static uint8_t spare[16 * 1024]; /* For what lies beyond a buffer that is full. */
  bool is_full = mqtt->have == sizeof mqtt->in;
  size_t room = is_full ? sizeof spare : sizeof mqtt->in - mqtt->have;
  size_t length;
  if (is_full) {
    size_t left = (size_t)header_of(mqtt->in, mqtt->have, &length) + length - mqtt->have - mqtt->dropped;
    if (left < room) room = left;
  }
  ssize_t got = recv(mqtt->socket, is_full ? spare : mqtt->in + mqtt->have, room, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  if (got == 0) return false;
  mqtt->heard_at = now;
  if (is_full) mqtt->dropped += (size_t)got;
  else mqtt->have += (size_t)got;
  for (;;) {
    int head = header_of(mqtt->in, mqtt->have, &length);
    if (head < 0) return false;
    size_t whole = (size_t)head + length;
    if (head == 0 || whole > mqtt->have + mqtt->dropped) return true;
    size_t kept = whole - mqtt->dropped;
    if (!take_packet(mqtt, options, mqtt->in[0], (struct span){mqtt->in + head, kept - (size_t)head}, mqtt->dropped == 0, take)) return false;
    mqtt->have -= kept;
    mqtt->dropped = 0;
    memmove(mqtt->in, mqtt->in + kept, mqtt->have);
  }
}

bool mqtt_tick(struct mqtt *mqtt, int64_t now) {
  if (!mqtt->is_ready) return now - mqtt->began_at < PATIENCE_MS;
  if (now - mqtt->pinged_at < MQTT_KEEP_ALIVE * 1000 / 2) return true;
  /* Whatever came since the last ping shows that the broker lives. */
  bool is_alive = mqtt->heard_at >= mqtt->pinged_at;
  mqtt->pinged_at = now;
  return is_alive && send_packet(mqtt, PINGREQ << 4, (struct span){0}, (struct span){0});
}

void mqtt_close(struct mqtt *mqtt, bool is_orderly) {
  if (mqtt->socket < 0) return;
  if (is_orderly && send_packet(mqtt, DISCONNECT << 4, (struct span){0}, (struct span){0})) {
    /* Until the broker closes: a socket that is closed with bytes unread takes back what it has sent. */
    struct timeval patience = {.tv_sec = 1};
    uint8_t rest[1024];
    setsockopt(mqtt->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    shutdown(mqtt->socket, SHUT_WR);
    for (int i = 0; i < 256 && recv(mqtt->socket, rest, sizeof rest, 0) > 0; i++) continue;
  }
  close(mqtt->socket);
  mqtt->socket = -1;
  mqtt->is_ready = false;
}
