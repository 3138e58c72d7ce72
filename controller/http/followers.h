/* Followers: answers that are streams, and requests that wait for theirs. Each sleeps (its connection is
 * suspended) until its topic is woken, the keep-alive time is over, or the server stops. Thread-safe. */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "http/response.h"

typedef struct Follower Follower;

typedef struct Followers {
        pthread_mutex_t lock; /* guards everything below and the state of each follower */
        Follower *first;
        unsigned count, limit;
        int64_t keep_alive_ms;
        bool stopping;
} Followers;

void followers_init(Followers *followers, unsigned limit, int64_t keep_alive_ms);
void followers_clear(Followers *followers);

/* One of the places, for what follows in another way. False: none is left. */
bool followers_take_place(Followers *followers);
void followers_give_place_back(Followers *followers);

/* A request that waits; topic is copied. NULL when there are too many. */
Follower *followers_add_waiter(Followers *followers, struct MHD_Connection *connection, const char *topic);
void followers_remove_waiter(Follower *waiter);

/* Before it is looked whether there is something: from now on no wake is missed. */
void follower_listen(Follower *waiter);
typedef enum FollowerSleep {
        FOLLOWER_SLEEPS,  /* the connection is suspended; its request comes again when it is woken */
        FOLLOWER_WOKEN,   /* something came while it was looked */
        FOLLOWER_STOPPED, /* the server stops */
} FollowerSleep;
FollowerSleep follower_sleep(Follower *waiter, Deadline until);

/* Takes the stream out of the response. NULL when there are too many. */
struct MHD_Response *followers_answer(
        Followers *followers, struct MHD_Connection *connection, Response *response);

void followers_wake(Followers *followers, const char *topic);
void followers_wake_idle(Followers *followers);
/* All end at once and none sleeps again; before the daemon is stopped. */
void followers_stop(Followers *followers);
