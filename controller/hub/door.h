/* Door: who may come in. Strangers, connections that have not said who they are, are worked on a few at a
 * time, one address after the other and in the order they came: when thousands of agents come back at once,
 * each is whole within its patience, where all at the same time would be with nobody. The others wait unread.
 *
 * Not thread-safe: the hub's lock guards it, and the door members of its sessions. */
#pragma once

#include "hub/session.h"

typedef struct Door Door;

/* per_address: strangers of one address at most, waiting or inside. */
Door *door_new(int64_t per_address);
void door_free(Door *door);
CLEANUP_DEFINE(Door, door_free);

/* The session waits from now on. False: there are too many strangers of its address ("10.0.0.1:40312"). */
bool door_knock(Door *door, Session *session, const char *address);
/* Takes in the next that waits; NULL: nobody waits, or enough are inside. */
Session *door_next(Door *door);
/* Turns away the next that waits if it has waited since before then; NULL: it has not. */
Session *door_give_up(Door *door, int64_t since_ms);
/* The session is no stranger any more, or gone; it need not have been at the door. */
void door_leave(Door *door, Session *session);
