/* Carillon's DHT interface for C: what <carillon/overlay.hpp> is for C++ (RFC 6940, 7).
 *
 * All of one overlay runs on one thread. Every call returns at once; its handler runs exactly once,
 * later, from inside carillon_peer_serve (of an overlay of this node alone: carillon_local_overlay_run)
 * and never from inside the call that it was given to. What a handler is handed lives until it
 * returns. Strings end with a zero octet. Nothing throws.
 */
#ifndef CARILLON_CARILLON_H
#define CARILLON_CARILLON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct carillon_overlay carillon_overlay;

typedef struct {
  const uint8_t *octets;
  size_t size;
} carillon_octets;

/* The data models (RFC 6940, 7.2). */
typedef enum { CARILLON_SINGLE, CARILLON_ARRAY, CARILLON_DICTIONARY } carillon_model;

/* A value, and where it lies within its Kind: `index` in an array, `key` in a dictionary. */
typedef struct {
  uint32_t kind;
  carillon_model model;
  uint32_t index;
  carillon_octets key;
  carillon_octets value;
  int exists;          /* 0, when storing: removes what is there. Found values exist. */
  uint32_t lifetime_s; /* When storing: how long it lives; when found: what is left of it. */

  /* Of values that were found. */
  uint64_t storage_time_ms; /* Since the Unix epoch. */
  const char *user;         /* Who signed it; may be "". */
  const char *node;         /* The Node-ID, 32 hexadecimal digits. */
} carillon_value;

/* `error`: NULL if all went well, else the code's name as in <carillon/error.hpp>, e.g. "forbidden";
 * `detail`: a line for people, never NULL. */
typedef void (*carillon_done)(void *context, const char *error, const char *detail);
typedef void (*carillon_found)(void *context, const char *error, const char *detail,
                               const carillon_value *values, size_t count);

/* What a peer of a ring needs (RFC 6940); what stands for nothing is NULL or 0. */
typedef struct {
  const char *directory;        /* What 'carillon overlay enroll' wrote. */
  const char *data;             /* A directory of its own, to write to; made if it is not there. */
  const char *listen;           /* HOST:PORT for RELOAD; port 0: any. */
  const char *const *bootstrap; /* HOST:PORT of other peers, */
  size_t bootstrap_count;
  int first; /* Start a new ring if nobody answers. */
  /* Gets a line for people, now and then; never one with a secret in it. */
  void (*log)(void *context, const char *line);
  void *log_context;
} carillon_peer_settings;

/* A peer of a ring: it keeps its share of what is stored, on disk, and serves other peers, as long as
 * carillon_peer_serve is called. It speaks no SIP. NULL if it cannot be; then `why`, of `size` octets,
 * has a line that says so. Which Kinds it knows the overlay's configuration says. */
carillon_overlay *carillon_peer_new(const carillon_peer_settings *settings, char *why, size_t size);
/* 32 hexadecimal digits; lives as long as the peer. NULL if it is none. */
const char *carillon_peer_node_id(carillon_overlay *overlay);
/* Serves its sockets and timers, and runs handlers: until one has run (then 1), or for so long (then
 * 0). It reads the clocks by itself. Not from inside a handler. Call it again and again: other peers
 * take one that is silent for three seconds for dead. -1 if `overlay` is no peer. */
int carillon_peer_serve(carillon_overlay *overlay, uint32_t milliseconds_at_most);

/* An overlay of this node alone, in memory: for programs on one machine, and to begin with.
 * `node_id`: 32 hexadecimal digits. NULL if it is not that, or there is no memory. */
carillon_overlay *carillon_local_overlay_new(const char *node_id);
/* What may be stored, by which access policy ("USER-MATCH", RFC 6940, 7.3). Before joining. 0, or -1. */
int carillon_local_overlay_add_kind(carillon_overlay *overlay, uint32_t kind, carillon_model model,
                                    const char *policy, uint32_t max_count, uint32_t max_size);
/* Does what is to be done now, and runs handlers. It reads no clock: `monotonic_us` never goes
 * back, `wall_ms` are milliseconds since the Unix epoch. Call it after other calls, and when the time
 * has come that it returned: of the monotonic clock; UINT64_MAX: nothing is to be waited for. */
uint64_t carillon_local_overlay_run(carillon_overlay *overlay, uint64_t monotonic_us,
                                    uint64_t wall_ms);

/* Handlers that still wait are dropped. A peer that has not left looks to the others as if it had
 * crashed. */
void carillon_overlay_free(carillon_overlay *overlay);

/* Errors as of carillon::Overlay. `done` may be NULL. Joining begins with the call; a peer that leaves
 * hands on what it keeps, and must be served meanwhile. */
void carillon_overlay_join(carillon_overlay *overlay, carillon_done done, void *context);
void carillon_overlay_leave(carillon_overlay *overlay, carillon_done done, void *context);
/* All of it or nothing, at the resource that `name` is hashed to, on behalf of `user` (NULL: the
 * node's own). The values are copied. */
void carillon_overlay_store(carillon_overlay *overlay, const char *name, const char *user,
                            const carillon_value *values, size_t count, carillon_done done,
                            void *context);
void carillon_overlay_lookup(carillon_overlay *overlay, const char *name, const uint32_t *kinds,
                             size_t count, carillon_found found, void *context);

#ifdef __cplusplus
}
#endif

#endif
