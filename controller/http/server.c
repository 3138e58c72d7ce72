#include "http/server.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/exchange.h"
#include "http/tls.h"

enum {
        WATCH_MS = 500, /* how often deadlines are looked at */
        STOP_LOOK_MS = 5,
        LISTEN_BACKLOG = 512,
};

struct Server {
        ExchangeContext context;
        struct MHD_Daemon *daemon;
        uint16_t port;
        int64_t stop_timeout_ms;
        Tls *tls; /* NULL: plain HTTP */
        pthread_t watcher;
        bool watching;
        _Atomic int64_t moved_ms;

        pthread_mutex_t lock; /* guards stopping */
        pthread_cond_t wake;
        bool stopping;
};

static void on_connection(
        void *context, struct MHD_Connection *connection, void **state,
        enum MHD_ConnectionNotificationCode code) {
        Server *server = context;

        if (code == MHD_CONNECTION_NOTIFY_STARTED) {
                const union MHD_ConnectionInfo *info =
                        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
                *state = connections_add(&server->context.connections, info->connect_fd);
        } else if (*state) {
                connections_remove(&server->context.connections, *state);
                *state = NULL;
        }
}

static void on_library_message(void *context, const char *format, va_list args)
        __attribute__((format(printf, 2, 0)));
static void on_library_message(void *context, const char *format, va_list args) {
        CLEANUP(free) char *message = xvasprintf(format, args);
        CLEANUP(free) char *line = text_trim(message);

        (void) context;
        log_debug("http: %s", line);
}

static void *watch(void *context) {
        Server *server = context;

        pthread_setname_np(pthread_self(), "http-watch");
        pthread_mutex_lock(&server->lock);
        while (!server->stopping) {
                struct timespec until;

                clock_gettime(CLOCK_MONOTONIC, &until);
                until.tv_nsec += WATCH_MS * 1000000L;
                until.tv_sec += until.tv_nsec / 1000000000L;
                until.tv_nsec %= 1000000000L;
                pthread_cond_timedwait(&server->wake, &server->lock, &until);
                pthread_mutex_unlock(&server->lock);
                connections_end_late(&server->context.connections);
                followers_wake_idle(&server->context.followers);
                atomic_store(&server->moved_ms, clock_monotonic_ms());
                pthread_mutex_lock(&server->lock);
        }
        pthread_mutex_unlock(&server->lock);
        return NULL;
}

/* "host:port", the host perhaps in brackets or empty (any address). */
static bool resolve(const char *listen_at, struct addrinfo **ret, Error **err) {
        const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
        const char *colon = strrchr(listen_at, ':');

        if (!colon || colon[1] == '\0')
                return error_set(err, ERROR_INVALID, "'%s' is not host:port", listen_at);
        bool bracketed = listen_at[0] == '[' && colon > listen_at + 1 && colon[-1] == ']';
        const char *begin = bracketed ? listen_at + 1 : listen_at;
        CLEANUP(free) char *host = xstrndup(begin, (size_t) (colon - begin) - (bracketed ? 1 : 0));

        int code = getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, ret);
        if (code != 0)
                return error_set(err, ERROR_INVALID, "'%s': %s", listen_at, gai_strerror(code));
        return true;
}

static bool open_socket(const char *listen_at, int *ret, uint16_t *ret_port, Error **err) {
        struct addrinfo *address = NULL;
        const int yes = 1;

        if (!resolve(listen_at, &address, err))
                return false;
        CLEANUP(file_close)
        int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct sockaddr_storage bound = { 0 };
        socklen_t length = sizeof(bound);
        bool opened = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
                      bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
                      listen(fd, LISTEN_BACKLOG) == 0 &&
                      getsockname(fd, (struct sockaddr *) &bound, &length) == 0;
        int reason = errno;
        freeaddrinfo(address);
        if (!opened)
                return error_set(
                        err, reason == EADDRINUSE ? ERROR_CONFLICT : ERROR_INTERNAL,
                        "cannot listen on %s: %s", listen_at, strerror(reason));

        *ret_port = /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): getsockname() has filled it */
                ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &bound)->sin6_port
                                                  : ((struct sockaddr_in *) &bound)->sin_port);
        *ret = fd;
        fd = -1;
        return true;
}

/* Which certificate a handshake shows: GnuTLS asks by session, whose pointer is the connection. */
/* NOLINTNEXTLINE(readability-function-size): GnuTLS's own signature */
static int show_certificate(
        gnutls_session_t session, const gnutls_datum_t *authorities, int authority_count,
        const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **ret_chain,
        unsigned *ret_length, gnutls_privkey_t *ret_key) {
        struct MHD_Connection *connection = gnutls_session_get_ptr(session);
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        Server *server = connection_owner(info->socket_context);

        (void) authorities, (void) authority_count, (void) algorithms, (void) algorithm_count;
        tls_credentials(server->tls, ret_chain, ret_length, ret_key);
        return 0;
}

static bool open_tls(Server *server, const ServerOptions *options, Error **err) {
        if (!options->certificate_file && !options->key_file)
                return true;
        if (!options->certificate_file || !options->key_file)
                return error_set(err, ERROR_INVALID, "TLS needs both a certificate and a key file");
        server->tls = tls_new(options->certificate_file, options->key_file, err);
        server->context.secure = server->tls != NULL;
        return server->tls;
}

static const char tls_versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

static unsigned milliseconds_to_seconds(int64_t ms) {
        return ms < 1000 ? 1 : (unsigned) (ms / 1000);
}

static bool start_daemon(Server *server, const ServerOptions *options, int fd, Error **err) {
        unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                         MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG;

        struct MHD_OptionItem tls[] = {
                { server->tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0, (char *) tls_versions },
                /* NOLINTNEXTLINE(bugprone-casting-through-void): the library's options are all pointers */
                { MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *) show_certificate },
                { MHD_OPTION_END, 0, NULL },
        };
        if (server->tls)
                flags |= MHD_USE_TLS;

        unsigned idle_seconds =
                milliseconds_to_seconds(options->idle_timeout_ms ? options->idle_timeout_ms : 30000);
        server->daemon = MHD_start_daemon(
                flags, 0, NULL, NULL, exchange_on_request, &server->context,          /* */
                MHD_OPTION_EXTERNAL_LOGGER, on_library_message, NULL,                 /* first of all */
                MHD_OPTION_LISTEN_SOCKET, fd,                                         /* */
                MHD_OPTION_THREAD_POOL_SIZE, options->threads ? options->threads : 4, /* */
                MHD_OPTION_CONNECTION_LIMIT,
                options->connection_limit ? options->connection_limit : 2048,         /* */
                MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_per_address, /* */
                MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,                          /* */
                MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                options->max_header_bytes ? options->max_header_bytes : (size_t) 32 * 1024, /* */
                MHD_OPTION_URI_LOG_CALLBACK, exchange_on_target, &server->context,          /* */
                MHD_OPTION_NOTIFY_COMPLETED, exchange_on_completed, &server->context,       /* */
                MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,                        /* */
                MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
        if (!server->daemon)
                return error_set(err, ERROR_INTERNAL, "the HTTP server does not start");
        return true;
}

static Server *server_new(
        const ServerOptions *options, const Resource *const *resources, Services *services, Auth *auth) {
        Server *server = xcalloc(1, sizeof(*server));
        pthread_condattr_t monotonic;

        server->context.resources = resources;
        server->context.services = services;
        server->context.auth = auth;
        server->context.max_body_bytes =
                options->max_body_bytes ? options->max_body_bytes : (size_t) 4 * 1024 * 1024;
        crypto_random(&server->context.id_prefix, sizeof(server->context.id_prefix));
        server->stop_timeout_ms = options->stop_timeout_ms ? options->stop_timeout_ms : 5000;
        server->context.cors_origins = options->cors_origins;
        server->context.answered = options->answered;
        server->context.answered_context = options->context;
        followers_init(
                &server->context.followers, options->stream_limit ? options->stream_limit : 1000,
                options->keep_alive_ms ? options->keep_alive_ms : 15000);
        connections_init(
                &server->context.connections,
                options->request_timeout_ms ? options->request_timeout_ms : 60000);
        server->context.connections.owner = server;
        pthread_mutex_init(&server->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&server->wake, &monotonic);
        pthread_condattr_destroy(&monotonic);
        return server;
}

Server *server_start(
        const ServerOptions *options, const Resource *const *resources, Services *services, Auth *auth,
        Error **err) {
        CLEANUP(server_stop) Server *server = server_new(options, resources, services, auth);
        int fd = -1; /* from the daemon's start on the library's, also when it fails */

        if (!open_tls(server, options, err) ||
            !websockets_start(&server->context.websockets, &server->context.followers, err) ||
            !open_socket(options->listen, &fd, &server->port, err) || !start_daemon(server, options, fd, err))
                return NULL;
        atomic_store(&server->moved_ms, clock_monotonic_ms());
        if (pthread_create(&server->watcher, NULL, watch, server) != 0) {
                error_set(err, ERROR_INTERNAL, "no thread for the HTTP server");
                return NULL;
        }
        server->watching = true;
        return TAKE(server);
}

/* Whoever has asked gets the answer, within bounds. */
static void stop_daemon(Server *server) {
        const Deadline deadline = deadline_after_ms(server->stop_timeout_ms);
        CLEANUP(file_close) int listening = server->daemon ? MHD_quiesce_daemon(server->daemon) : -1;

        atomic_store(&server->context.stopping, true);
        followers_stop(&server->context.followers);
        websockets_stop(&server->context.websockets);
        while (atomic_load(&server->context.open) > 0 && !deadline_passed(deadline))
                clock_sleep_ms(STOP_LOOK_MS);
        if (server->daemon)
                MHD_stop_daemon(server->daemon);
}

void server_stop(Server *server) {
        if (!server)
                return;
        if (server->watching) {
                pthread_mutex_lock(&server->lock);
                server->stopping = true;
                pthread_cond_signal(&server->wake);
                pthread_mutex_unlock(&server->lock);
                pthread_join(server->watcher, NULL);
        }
        stop_daemon(server);
        connections_clear(&server->context.connections);
        tls_free(server->tls);
        followers_clear(&server->context.followers);
        pthread_cond_destroy(&server->wake);
        pthread_mutex_destroy(&server->lock);
        free(server);
}

bool server_reload_certificate(Server *server, Error **err) {
        return !server->tls || tls_reload(server->tls, err);
}

uint16_t server_port(const Server *server) {
        return server->port;
}

int64_t server_moved_ms(const Server *server) {
        return atomic_load(&server->moved_ms);
}

void server_wake_streams(Server *server, const char *topic) {
        followers_wake(&server->context.followers, topic);
        websockets_wake(&server->context.websockets, topic);
}
