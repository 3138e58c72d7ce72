/* Websockets (RFC 6455): connections that have changed from HTTP, all served by one thread. What is said on
 * each is its source's, in whole text messages; a source is pulled only when the one before is on its way, so
 * that a slow client costs no memory. Thread-safe. */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>

#include "http/followers.h"
#include "http/response.h"

enum {
        WEBSOCKET_MESSAGE_MAX = 64 * 1024, /* bytes that a client may send at once */
        WEBSOCKET_STUCK_MS = 30000,        /* so long may a client take nothing of what is for it */
};

typedef struct Websocket Websocket;

typedef struct Websockets {
        Followers *followers; /* which count the places */
        pthread_mutex_t lock; /* guards the list and stopping */
        Websocket *first;
        int epoll, wake;
        pthread_t thread;
        bool running, stopping;
} Websockets;

bool websockets_start(Websockets *websockets, Followers *followers, Error **err);
/* Says goodbye to each and closes it; before the daemon is stopped. */
void websockets_stop(Websockets *websockets);

/* The answer that changes the protocol, and *ret, which is taken over when that has happened: until then it
 * is to be discarded by the request's end. NULL: no place left. Takes the source out of the response. */
struct MHD_Response *websockets_answer(Websockets *websockets, Response *response, Websocket **ret);
/* NULL is fine. */
void websocket_discard(Websocket *websocket);

void websockets_wake(Websockets *websockets, const char *topic);
