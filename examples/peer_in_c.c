/* A C program that is a peer of a ring: it joins, looks up where a user is registered (RFC 7904), says
 * of another name that it means that user, looks that up, and leaves.
 *
 *   peer_in_c DIRECTORY DATA LISTEN BOOTSTRAP USER NAME
 *
 * DIRECTORY is what 'carillon overlay enroll' wrote, LISTEN and BOOTSTRAP are HOST:PORT, USER is
 * for example bob@example.org, and NAME hotline@example.org. */
#include <carillon/carillon.h>
#include <stdio.h>
#include <string.h>

#define sip_registration 1u
#define registration_uri 1u /* The type of a SipRegistration (RFC 7904, 3.2). */

struct outcome {
  int done;
  int failed;
};

static void done(void *context, const char *error, const char *detail) {
  struct outcome *outcome = context;
  outcome->done = 1;
  if (error == NULL) return;
  outcome->failed = 1;
  fprintf(stderr, "%s: %s\n", error, detail);
}

static void found(void *context, const char *error, const char *detail,
                  const carillon_value *values, size_t count) {
  size_t i;
  done(context, error, detail);
  for (i = 0; i < count; ++i) {
    const carillon_octets *value = &values[i].value;
    printf("  %s, by node %s", values[i].user, values[i].node);
    if (value->size > 5 && value->octets[0] == registration_uri) {
      printf(": look up %.*s", (int)value->size - 5, (const char *)value->octets + 5);
    }
    puts("");
  }
}

static void log_line(void *context, const char *line) {
  (void)context;
  fprintf(stderr, "log: %s\n", line);
}

/* Serves until what was begun has ended. 0 if it went well. */
static int wait_for(carillon_overlay *peer, struct outcome *outcome) {
  while (!outcome->done) {
    if (carillon_peer_serve(peer, 1000) < 0) return -1;
  }
  outcome->done = 0;
  return outcome->failed ? -1 : 0;
}

static int look_up(carillon_overlay *peer, const char *name, struct outcome *outcome) {
  const uint32_t kinds[] = {sip_registration};
  printf("%s:\n", name);
  carillon_overlay_lookup(peer, name, kinds, 1, found, outcome);
  return wait_for(peer, outcome);
}

static unsigned digit(char c) { return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10); }

/* A user's registrations are a dictionary, and each node writes at its own Node-ID. */
static int say_that_it_means(carillon_overlay *peer, const char *name, const char *user,
                             struct outcome *outcome) {
  uint8_t node[16];
  uint8_t octets[256];
  carillon_value value;
  const char *id = carillon_peer_node_id(peer);
  const size_t length = strlen(user);
  size_t i;
  if (length + 5 > sizeof octets) return -1;
  for (i = 0; i < sizeof node; ++i)
    node[i] = (uint8_t)(digit(id[2 * i]) * 16 + digit(id[2 * i + 1]));
  octets[0] = registration_uri;
  octets[1] = 0;
  octets[2] = (uint8_t)(length + 2);
  octets[3] = 0;
  octets[4] = (uint8_t)length;
  memcpy(octets + 5, user, length);
  memset(&value, 0, sizeof value);
  value.kind = sip_registration;
  value.model = CARILLON_DICTIONARY;
  value.key.octets = node;
  value.key.size = sizeof node;
  value.value.octets = octets;
  value.value.size = length + 5;
  value.exists = 1;
  value.lifetime_s = 600;
  carillon_overlay_store(peer, name, name, &value, 1, done, outcome);
  return wait_for(peer, outcome);
}

int main(int argc, char **argv) {
  struct outcome outcome = {0, 0};
  carillon_peer_settings settings;
  const char *bootstrap[1];
  char why[256];
  carillon_overlay *peer;
  int status = 1;
  if (argc != 7) {
    fputs("usage: peer_in_c DIRECTORY DATA LISTEN BOOTSTRAP USER NAME\n", stderr);
    return 2;
  }
  memset(&settings, 0, sizeof settings);
  bootstrap[0] = argv[4];
  settings.directory = argv[1];
  settings.data = argv[2];
  settings.listen = argv[3];
  settings.bootstrap = bootstrap;
  settings.bootstrap_count = 1;
  settings.log = log_line;
  peer = carillon_peer_new(&settings, why, sizeof why);
  if (peer == NULL) {
    fprintf(stderr, "%s\n", why);
    return 1;
  }
  carillon_overlay_join(peer, done, &outcome);
  if (wait_for(peer, &outcome) == 0) {
    printf("joined as %s\n", carillon_peer_node_id(peer));
    if (look_up(peer, argv[5], &outcome) == 0 &&
        say_that_it_means(peer, argv[6], argv[5], &outcome) == 0 &&
        look_up(peer, argv[6], &outcome) == 0) {
      carillon_overlay_leave(peer, done, &outcome);
      status = wait_for(peer, &outcome) == 0 ? 0 : 1;
    }
  }
  carillon_overlay_free(peer);
  return status;
}
