#include "socketio/engine_session.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "socketio/log_tail.h"
#include "socketio/log_token.h"
#include "socketio/socket_packet.h"

enum { ID_BYTES = 16, ANSWERS_MAX = 64, LOG_ID_LENGTH = 24 };

/* The first character of an Engine.IO packet. */
enum {
        ENGINE_OPEN = '0',
        ENGINE_CLOSE,
        ENGINE_PING,
        ENGINE_PONG,
        ENGINE_MESSAGE,
        ENGINE_UPGRADE,
        ENGINE_NOOP
};

struct EngineSession {
        EngineSessions *sessions;
        EngineSession *next;
        char *id;
        unsigned holders; /* guarded by the sessions' lock */

        pthread_mutex_t lock; /* guards everything below */
        StringList answers;   /* packets to be sent before more of the log */
        size_t answered;      /* of them */
        LogTail *tail;        /* NULL: nothing is followed */
        char *topic;          /* of the log */
        Deadline heard_until;
        unsigned poll; /* the latest */
        bool upgrading, upgraded, closed;
};

struct EngineSessions {
        EngineOptions options;
        pthread_mutex_t lock; /* guards the list */
        EngineSession *first;
        unsigned count;
};

EngineSessions *engine_sessions_new(const EngineOptions *options) {
        EngineSessions *sessions = xcalloc(1, sizeof(*sessions));

        sessions->options = *options;
        pthread_mutex_init(&sessions->lock, NULL);
        return sessions;
}

static void session_free(EngineSession *session) {
        free(session->id);
        free(session->topic);
        string_list_clear(&session->answers);
        log_tail_free(session->tail);
        pthread_mutex_destroy(&session->lock);
        free(session);
}

void engine_sessions_free(EngineSessions *sessions) {
        if (!sessions)
                return;
        while (sessions->first) {
                EngineSession *session = sessions->first;

                sessions->first = session->next;
                session_free(session);
        }
        pthread_mutex_destroy(&sessions->lock);
        free(sessions);
}

static bool is_over(EngineSession *session) {
        pthread_mutex_lock(&session->lock);
        bool over = session->closed || deadline_passed(session->heard_until);
        pthread_mutex_unlock(&session->lock);
        return over;
}

/* With the list locked. */
static void sweep(EngineSessions *sessions) {
        for (EngineSession **at = &sessions->first; *at;) {
                EngineSession *session = *at;

                if (session->holders > 0 || !is_over(session)) {
                        at = &session->next;
                        continue;
                }
                *at = session->next;
                sessions->count--;
                session_free(session);
        }
}

/* With the session locked, or before anybody else knows it. packet is taken. What a client asks for without
 * ever reading the answers is forgotten. */
static void answer(EngineSession *session, char *packet) {
        if (session->answers.count < ANSWERS_MAX)
                string_list_take(&session->answers, packet);
        else
                free(packet);
}

static void greet(EngineSession *session, bool websocket) {
        CLEANUP(document_free) Document *greeting = document_object();
        Document *upgrades = document_array();

        if (!websocket)
                document_append(upgrades, document_string("websocket"));
        document_set_string(greeting, "sid", session->id);
        document_set(greeting, "upgrades", upgrades);
        document_set_int(greeting, "pingTimeout", ENGINE_PING_TIMEOUT_MS);
        document_set_int(greeting, "pingInterval", ENGINE_PING_INTERVAL_MS);
        CLEANUP(free) char *text = document_text(greeting);
        answer(session, xasprintf("%c%s", ENGINE_OPEN, text));
        answer(session, xasprintf("%c0", ENGINE_MESSAGE)); /* connected to the namespace "/" */
}

EngineSession *engine_session_open(EngineSessions *sessions, bool websocket, Error **err) {
        EngineSession *session = xcalloc(1, sizeof(*session));

        session->sessions = sessions;
        session->id = crypto_random_hex(ID_BYTES);
        session->holders = 1;
        session->heard_until = deadline_after_ms(ENGINE_SILENCE_MS);
        session->upgraded = websocket;
        pthread_mutex_init(&session->lock, NULL);
        greet(session, websocket);

        pthread_mutex_lock(&sessions->lock);
        sweep(sessions);
        bool room = sessions->count < ENGINE_SESSIONS_MAX;
        if (room) {
                session->next = sessions->first;
                sessions->first = session;
                sessions->count++;
        }
        pthread_mutex_unlock(&sessions->lock);
        if (room)
                return session;
        session_free(session);
        error_set(err, ERROR_UNAVAILABLE, "too many followers");
        return NULL;
}

EngineSession *engine_session_find(EngineSessions *sessions, const char *id, Error **err) {
        pthread_mutex_lock(&sessions->lock);
        sweep(sessions);
        EngineSession *session = sessions->first;
        while (session && (strcmp(session->id, id) != 0 || is_over(session)))
                session = session->next;
        if (session)
                session->holders++;
        pthread_mutex_unlock(&sessions->lock);
        if (!session)
                error_set(err, ERROR_NOT_FOUND, "Session ID unknown");
        return session;
}

void engine_session_release(EngineSession *session) {
        pthread_mutex_lock(&session->sessions->lock);
        session->holders--;
        pthread_mutex_unlock(&session->sessions->lock);
}

static void wake(EngineSession *session) {
        const EngineOptions *options = &session->sessions->options;
        CLEANUP(free) char *topic = xasprintf("engine/%s", session->id);

        if (options->wake)
                options->wake(options->context, topic);
}

void engine_session_close(EngineSession *session) {
        pthread_mutex_lock(&session->lock);
        session->closed = true;
        log_tail_free(TAKE(session->tail)); /* the file is not held by who is gone */
        pthread_mutex_unlock(&session->lock);
        wake(session);
}

bool engine_session_closed(EngineSession *session) {
        return is_over(session);
}

const char *engine_session_id(const EngineSession *session) {
        return session->id;
}

static void refuse(EngineSession *session, LogTailMode mode, const char *sentence) {
        CLEANUP(free) char *packet = log_tail_error(mode, sentence);

        answer(session, xasprintf("%c%s", ENGINE_MESSAGE, packet));
}

static bool log_id_valid(const char *id) {
        return strlen(id) == LOG_ID_LENGTH && strspn(id, "0123456789abcdef") == LOG_ID_LENGTH;
}

/* What is wrong with the wish, in the contract's words and order; NULL: nothing. */
static const char *find_fault(const EngineSession *session, const Document *wish) {
        const uint8_t *key = session->sessions->options.token_key;
        const char *token = document_get_string(wish, "auth_token"),
                   *id = document_get_string(wish, "log_id");

        if (!*token)
                return "Undefined authentication token.";
        if (!*id)
                return "Undefined log_id.";
        if (!log_token_valid(key, token, id, clock_now_us() / 1000000))
                return "Invalid authentication token.";
        return log_id_valid(id) ? NULL : "Invalid log_id syntax.";
}

static void follow(EngineSession *session, const Document *wish) {
        LogTailMode mode = document_get_bool(wish, "raw_mode") ? LOG_TAIL_RAW : LOG_TAIL_HTML;
        const char *fault = find_fault(session, wish), *id = document_get_string(wish, "log_id");
        int64_t offset = document_get_int(wish, "last_pos");
        CLEANUP(error_free) Error *why = NULL;

        log_tail_free(TAKE(session->tail));
        free(TAKE(session->topic));
        if (fault) {
                refuse(session, mode, fault);
                return;
        }
        char *path = xasprintf("%s/%s.txt", session->sessions->options.logs_folder, id);
        session->tail = log_tail_open(path, offset > 0 ? (uint64_t) offset : 0, mode, &why);
        if (session->tail)
                session->topic = xasprintf("log/%s", id);
        else
                refuse(session, mode, error_message(why));
}

static bool take_message(EngineSession *session, const char *message, Error **err) {
        CLEANUP(socket_packet_clear) SocketPacket packet = { 0 };

        if (!socket_packet_read(message, &packet, err))
                return false;
        if (strcmp(packet.name_space, "/") != 0) {
                if (packet.type == SOCKET_CONNECT)
                        answer(session,
                               xasprintf("%c4%s,\"Invalid namespace\"", ENGINE_MESSAGE, packet.name_space));
                return true;
        }
        if (packet.type == SOCKET_DISCONNECT)
                session->closed = true;
        if (packet.type != SOCKET_EVENT)
                return true;
        if (packet.acknowledge)
                answer(session, xasprintf("%c3%s[]", ENGINE_MESSAGE, packet.acknowledge));
        if (strcmp(packet.event, "job_logging") == 0)
                follow(session, document_at(packet.arguments, 0));
        return true;
}

static bool take(EngineSession *session, const char *packet, Error **err) {
        switch (packet[0]) {
        case ENGINE_CLOSE:
                session->closed = true;
                return true;
        case ENGINE_PING:
                answer(session, xasprintf("%c%s", ENGINE_PONG, packet + 1));
                return true;
        case ENGINE_MESSAGE:
                return take_message(session, packet + 1, err);
        case ENGINE_PONG:
        case ENGINE_UPGRADE:
        case ENGINE_NOOP:
                return true;
        default:
                return error_set(err, ERROR_INVALID, "no packet of Engine.IO");
        }
}

bool engine_session_take(EngineSession *session, const char *packet, Error **err) {
        pthread_mutex_lock(&session->lock);
        session->heard_until = deadline_after_ms(ENGINE_SILENCE_MS);
        bool ok = take(session, packet, err);
        pthread_mutex_unlock(&session->lock);
        wake(session);
        return ok;
}

static char *next(EngineSession *session) {
        if (session->answered < session->answers.count) {
                char *packet = xstrdup(session->answers.items[session->answered++]);

                if (session->answered == session->answers.count) {
                        string_list_clear(&session->answers);
                        session->answered = 0;
                }
                return packet;
        }
        CLEANUP(free) char *event = session->tail ? log_tail_next(session->tail) : NULL;
        return event ? xasprintf("%c%s", ENGINE_MESSAGE, event) : NULL;
}

char *engine_session_next(EngineSession *session) {
        pthread_mutex_lock(&session->lock);
        char *packet = session->closed ? NULL : next(session);
        pthread_mutex_unlock(&session->lock);
        return packet;
}

bool engine_session_wants(EngineSession *session, const char *topic) {
        static const char own[] = "engine/";

        if (text_starts_with(topic, own))
                return strcmp(topic + sizeof(own) - 1, session->id) == 0;
        pthread_mutex_lock(&session->lock);
        bool wants = text_equal(session->topic, topic);
        pthread_mutex_unlock(&session->lock);
        return wants;
}

unsigned engine_session_begin_poll(EngineSession *session) {
        pthread_mutex_lock(&session->lock);
        unsigned poll = ++session->poll;
        session->heard_until = deadline_after_ms(ENGINE_SILENCE_MS);
        pthread_mutex_unlock(&session->lock);
        wake(session);
        return poll;
}

bool engine_session_polls(EngineSession *session, unsigned poll) {
        pthread_mutex_lock(&session->lock);
        bool polls = session->poll == poll && !session->upgrading && !session->upgraded && !session->closed;
        pthread_mutex_unlock(&session->lock);
        return polls;
}

static void set_upgrade(EngineSession *session, bool probing, bool upgraded) {
        pthread_mutex_lock(&session->lock);
        session->upgrading = probing;
        session->upgraded = upgraded;
        session->heard_until = deadline_after_ms(ENGINE_SILENCE_MS);
        pthread_mutex_unlock(&session->lock);
        wake(session);
}

void engine_session_probe(EngineSession *session, bool probing) {
        set_upgrade(session, probing, false);
}

void engine_session_upgrade(EngineSession *session) {
        set_upgrade(session, false, true);
}

bool engine_session_upgraded(EngineSession *session) {
        pthread_mutex_lock(&session->lock);
        bool upgraded = session->upgraded;
        pthread_mutex_unlock(&session->lock);
        return upgraded;
}
