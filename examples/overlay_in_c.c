/* Carillon's DHT interface in C: join, store, look up, leave. The overlay is of this node alone. */
#include <carillon/carillon.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define kind_notes 0xf0001234u

struct outcome {
  int calls;
  int failures;
  int found;
};

static uint64_t microseconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* A program with an event loop calls this once a turn. */
static void run(carillon_overlay *overlay) {
  carillon_local_overlay_run(overlay, microseconds_of(CLOCK_MONOTONIC),
                       microseconds_of(CLOCK_REALTIME) / 1000u);
}

static void done(void *context, const char *error, const char *detail) {
  struct outcome *outcome = context;
  ++outcome->calls;
  if (error == NULL) return;
  ++outcome->failures;
  printf("   refused: %s\n", detail);
}

static void found(void *context, const char *error, const char *detail,
                  const carillon_value *values, size_t count) {
  struct outcome *outcome = context;
  size_t i;
  done(context, error, detail);
  for (i = 0; i < count; ++i) {
    ++outcome->found;
    printf("   found '%.*s' of %s, stored by node %s, good for %" PRIu32 " s\n",
           (int)values[i].value.size, (const char *)values[i].value.octets, values[i].user,
           values[i].node, values[i].lifetime_s);
  }
}

static carillon_value note(const char *text) {
  carillon_value value;
  memset(&value, 0, sizeof value);
  value.kind = kind_notes;
  value.model = CARILLON_DICTIONARY;
  value.key.octets = (const uint8_t *)"monday";
  value.key.size = 6;
  value.value.octets = (const uint8_t *)text;
  value.value.size = strlen(text);
  value.exists = 1;
  value.lifetime_s = 60;
  return value;
}

int main(void) {
  const uint32_t kinds[] = {kind_notes};
  struct outcome outcome = {0, 0, 0};
  carillon_value value = note("practise the bells");
  carillon_overlay *overlay = carillon_local_overlay_new("c0ffee00c0ffee00c0ffee00c0ffee00");
  if (overlay == NULL) return 1;
  if (carillon_local_overlay_add_kind(overlay, kind_notes, CARILLON_DICTIONARY, "USER-MATCH", 10,
                                      1024) != 0) {
    return 1;
  }
  run(overlay);
  carillon_overlay_join(overlay, done, &outcome);
  run(overlay);
  puts("alice writes down what she has to do:");
  carillon_overlay_store(overlay, "alice@example.org", "alice@example.org", &value, 1, done,
                         &outcome);
  run(overlay);
  carillon_overlay_lookup(overlay, "alice@example.org", kinds, 1, found, &outcome);
  run(overlay);
  puts("mallory may not:");
  carillon_overlay_store(overlay, "alice@example.org", "mallory@example.org", &value, 1, done,
                         &outcome);
  run(overlay);
  puts("it is done, and removed:");
  value.exists = 0;
  carillon_overlay_store(overlay, "alice@example.org", "alice@example.org", &value, 1, done,
                         &outcome);
  run(overlay);
  carillon_overlay_lookup(overlay, "alice@example.org", kinds, 1, found, &outcome);
  run(overlay);
  carillon_overlay_leave(overlay, done, &outcome);
  run(overlay);
  carillon_overlay_free(overlay);
  printf("%d calls, %d refused, %d values found\n", outcome.calls, outcome.failures,
         outcome.found);
  return outcome.calls == 7 && outcome.failures == 1 && outcome.found == 1 ? 0 : 1;
}
