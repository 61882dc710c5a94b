/* MQTT 3.1.1 over one TCP connection: as much of it as the protocol uses. Clauses in brackets are those of the OASIS standard. */
#ifndef MQTT_H
#define MQTT_H
#include "wire.h"

enum { MQTT_PACKET = 136 * 1024, MQTT_KEEP_ALIVE = 30 };

struct mqtt {
  int socket; /* -1: not connected. */
  bool is_ready;
  uint16_t next_id;
  /* Times are in milliseconds of a clock that only goes up. */
  int64_t began_at, pinged_at, heard_at;
  size_t have, dropped;
  uint8_t in[MQTT_PACKET];
};

struct mqtt_options {
  const char *host, *port, *id, *secret, *will_topic;
  struct span will;
  const char *const *topics; /* To subscribe to; NULL is behind the last. */
};

/* Waits for the TCP connection, 10 seconds at most. The rest of the greeting happens in mqtt_read. */
bool mqtt_connect(struct mqtt *mqtt, const struct mqtt_options *options, int64_t now);
/* Reads what has come. False: the connection is lost. A message that is too large is acknowledged and passed over. */
bool mqtt_read(struct mqtt *mqtt, const struct mqtt_options *options, int64_t now, void (*take)(struct span topic, struct span payload));
/* Keeps the connection alive. False: nobody answers. */
bool mqtt_tick(struct mqtt *mqtt, int64_t now);
bool mqtt_publish(struct mqtt *mqtt, const char *topic, struct span payload, int qos);
/* An orderly end, after which the broker sends no will; else the will is sent. */
void mqtt_close(struct mqtt *mqtt, bool is_orderly);
#endif
