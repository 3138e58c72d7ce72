#include "hub/door.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { INSIDE_MAX = 64 };

struct DoorHost {
        int64_t strangers;
        Session *first, *last;         /* those of them that wait */
        struct DoorHost *next_in_turn; /* while some wait */
        char name[];
};

struct Door {
        int64_t per_address;
        int inside;
        DoorHost *first, *last; /* those of which some wait, in the order of their turns */
        void *hosts;            /* tree of search.h: those that have strangers, by name */
};

Door *door_new(int64_t per_address) {
        Door *door = xcalloc(1, sizeof(*door));

        door->per_address = per_address;
        return door;
}

void door_free(Door *door) {
        if (!door)
                return;
        tdestroy(door->hosts, free);
        free(door);
}

/* ---- strangers of each address ---- */

static int compare_hosts(const void *a, const void *b) {
        return strcmp(((const DoorHost *) a)->name, ((const DoorHost *) b)->name);
}

/* Of "10.0.0.1:40312". */
static DoorHost *host_new(const char *address) {
        const char *colon = strrchr(address, ':');
        size_t length = colon ? (size_t) (colon - address) : strlen(address);
        DoorHost *host = xcalloc(1, sizeof(*host) + length + 1);

        memcpy(host->name, address, length);
        return host;
}

/* NULL: it has too many. */
static DoorHost *count_in(Door *door, const char *address) {
        DoorHost *host = host_new(address);
        DoorHost **place = tsearch(host, &door->hosts, compare_hosts);
        if (!place)
                abort();
        if (*place != host)
                free(host);
        host = *place;
        if (host->strangers >= door->per_address)
                return NULL;
        host->strangers++;
        return host;
}

static void count_out(Door *door, DoorHost *host) {
        if (--host->strangers > 0)
                return;
        (void) tdelete(host, &door->hosts, compare_hosts);
        free(host);
}

/* ---- the queue ---- */

static void queue_host(Door *door, DoorHost *host) {
        host->next_in_turn = NULL;
        if (door->last)
                door->last->next_in_turn = host;
        else
                door->first = host;
        door->last = host;
}

bool door_knock(Door *door, Session *session, const char *address) {
        DoorHost *host = count_in(door, address);

        if (!host)
                return false;
        session->host = host;
        session->at_door = AT_DOOR_WAITING;
        if (host->first) {
                host->last->next_waiting = session;
        } else {
                host->first = session;
                queue_host(door, host);
        }
        host->last = session;
        return true;
}

/* The address whose turn it is has its next turn after all others. */
static Session *take_first(Door *door) {
        DoorHost *host = door->first;
        Session *session = host->first;

        door->first = host->next_in_turn;
        if (!door->first)
                door->last = NULL;
        host->first = TAKE(session->next_waiting);
        if (host->first)
                queue_host(door, host);
        return session;
}

Session *door_next(Door *door) {
        if (!door->first || door->inside >= INSIDE_MAX)
                return NULL;
        Session *session = take_first(door);
        session->at_door = AT_DOOR_INSIDE;
        door->inside++;
        return session;
}

Session *door_give_up(Door *door, int64_t since_ms) {
        if (!door->first || door->first->first->since_ms >= since_ms)
                return NULL;
        Session *session = take_first(door);
        session->at_door = AT_DOOR_NOT;
        count_out(door, TAKE(session->host));
        return session;
}

void door_leave(Door *door, Session *session) {
        if (session->at_door != AT_DOOR_INSIDE)
                return;
        session->at_door = AT_DOOR_NOT;
        door->inside--;
        count_out(door, TAKE(session->host));
}
