#include "http/followers.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

enum { STREAM_BLOCK_BYTES = 16 * 1024 };

struct Follower {
        Follower *next, *previous;
        Followers *followers;
        struct MHD_Connection *connection;
        ResponseStream stream;
        char *topic;
        bool suspended;
        bool woken; /* since the last read began */
        Deadline ask_again;
};

void followers_init(Followers *followers, unsigned limit, int64_t keep_alive_ms) {
        *followers = (Followers){ .limit = limit, .keep_alive_ms = keep_alive_ms };
        pthread_mutex_init(&followers->lock, NULL);
}

void followers_clear(Followers *followers) {
        pthread_mutex_destroy(&followers->lock);
}

/* With the lock held. */
static void wake(Follower *follower) {
        follower->woken = true;
        if (!follower->suspended)
                return;
        follower->suspended = false;
        MHD_resume_connection(follower->connection);
}

/* Sleeps unless something came while the stream was being read. */
static void sleep_until_woken(Follower *follower) {
        Followers *followers = follower->followers;

        pthread_mutex_lock(&followers->lock);
        if (!follower->woken && !followers->stopping) {
                follower->suspended = true;
                follower->ask_again = deadline_after_ms(followers->keep_alive_ms);
                MHD_suspend_connection(follower->connection);
        }
        pthread_mutex_unlock(&followers->lock);
}

static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t size) {
        Follower *follower = context;
        size_t length = 0;

        (void) position;
        pthread_mutex_lock(&follower->followers->lock);
        bool stopping = follower->followers->stopping;
        follower->woken = false;
        pthread_mutex_unlock(&follower->followers->lock);
        if (stopping)
                return MHD_CONTENT_READER_END_OF_STREAM;

        switch (follower->stream.read(follower->stream.context, buffer, size, &length)) {
        case STREAM_DATA:
                return (ssize_t) length;
        case STREAM_WAIT:
                sleep_until_woken(follower);
                return 0;
        case STREAM_END:
                break;
        }
        return MHD_CONTENT_READER_END_OF_STREAM;
}

static void leave_list(Follower *follower) {
        Followers *followers = follower->followers;

        pthread_mutex_lock(&followers->lock);
        if (follower->previous)
                follower->previous->next = follower->next;
        else
                followers->first = follower->next;
        if (follower->next)
                follower->next->previous = follower->previous;
        followers->count--;
        pthread_mutex_unlock(&followers->lock);
}

static void free_follower(void *context) {
        Follower *follower = context;

        leave_list(follower);
        if (follower->stream.free)
                follower->stream.free(follower->stream.context);
        free(follower->topic);
        free(follower);
}

static bool enlist(Followers *followers, Follower *follower) {
        pthread_mutex_lock(&followers->lock);
        bool room = followers->count < followers->limit && !followers->stopping;
        if (room) {
                followers->count++;
                follower->next = followers->first;
                if (follower->next)
                        follower->next->previous = follower;
                followers->first = follower;
        }
        pthread_mutex_unlock(&followers->lock);
        return room;
}

bool followers_take_place(Followers *followers) {
        pthread_mutex_lock(&followers->lock);
        bool room = followers->count < followers->limit && !followers->stopping;
        if (room)
                followers->count++;
        pthread_mutex_unlock(&followers->lock);
        return room;
}

void followers_give_place_back(Followers *followers) {
        pthread_mutex_lock(&followers->lock);
        followers->count--;
        pthread_mutex_unlock(&followers->lock);
}

struct MHD_Response *followers_answer(
        Followers *followers, struct MHD_Connection *connection, Response *response) {
        Follower *follower = xcalloc(1, sizeof(*follower));

        follower->followers = followers;
        follower->connection = connection;
        follower->stream = response->stream;
        follower->topic = response->topic;
        if (!enlist(followers, follower)) {
                free(follower);
                return NULL;
        }
        response->topic = NULL;
        response->stream = (ResponseStream){ 0 };

        struct MHD_Response *answer = MHD_create_response_from_callback(
                MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream, follower, free_follower);
        if (!answer)
                free_follower(follower);
        return answer;
}

Follower *followers_add_waiter(Followers *followers, struct MHD_Connection *connection, const char *topic) {
        Follower *waiter = xcalloc(1, sizeof(*waiter));

        waiter->followers = followers;
        waiter->connection = connection;
        waiter->topic = xstrdup(topic);
        if (enlist(followers, waiter))
                return waiter;
        free(waiter->topic);
        free(waiter);
        return NULL;
}

void followers_remove_waiter(Follower *waiter) {
        if (waiter)
                free_follower(waiter);
}

void follower_listen(Follower *waiter) {
        pthread_mutex_lock(&waiter->followers->lock);
        waiter->woken = false;
        pthread_mutex_unlock(&waiter->followers->lock);
}

FollowerSleep follower_sleep(Follower *waiter, Deadline until) {
        Followers *followers = waiter->followers;
        FollowerSleep sleep = FOLLOWER_SLEEPS;

        pthread_mutex_lock(&followers->lock);
        if (followers->stopping)
                sleep = FOLLOWER_STOPPED;
        else if (waiter->woken)
                sleep = FOLLOWER_WOKEN;
        else {
                waiter->suspended = true;
                waiter->ask_again = until;
                MHD_suspend_connection(waiter->connection);
        }
        pthread_mutex_unlock(&followers->lock);
        return sleep;
}

static bool wants(const Follower *follower, const char *topic) {
        if (follower->stream.wants)
                return follower->stream.wants(follower->stream.context, topic);
        return strcmp(follower->topic, topic) == 0;
}

void followers_wake(Followers *followers, const char *topic) {
        pthread_mutex_lock(&followers->lock);
        for (Follower *follower = followers->first; follower; follower = follower->next)
                if (wants(follower, topic))
                        wake(follower);
        pthread_mutex_unlock(&followers->lock);
}

void followers_wake_idle(Followers *followers) {
        pthread_mutex_lock(&followers->lock);
        for (Follower *follower = followers->first; follower; follower = follower->next)
                if (follower->suspended && deadline_passed(follower->ask_again))
                        wake(follower);
        pthread_mutex_unlock(&followers->lock);
}

void followers_stop(Followers *followers) {
        pthread_mutex_lock(&followers->lock);
        followers->stopping = true;
        for (Follower *follower = followers->first; follower; follower = follower->next)
                wake(follower);
        pthread_mutex_unlock(&followers->lock);
}
