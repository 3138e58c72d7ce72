/* The REST side of the controller alone: store, API and server in a folder, for test_rest.py:
 *   rest-server FOLDER [CERTIFICATE KEY]
 * Prints its port, then obeys lines on standard input and answers each with "ok" or the error:
 *   log JOB TEXT…                    appends a line to the job's log and wakes its followers
 *   start JOB | end JOB WORD         moves the job's status
 *   ask JOB POINT QUESTION…          what a running job does that waits for an approval
 *   claim                            starts the next job as a worker does, prints "ok ID"
 *   deployment APP MODULE REVISION   adds a document, prints "ok ID"
 *   instance APP EC2_ID              the same
 *   set INSTANCE MEMBER TEXT…        changes the document of an instance
 *   patch app|job|deployment|instance ID JSON  the same of one of these, with any members
 *   want APP MODULE MANIFEST         the release that is wanted
 *   breaker APP FAILURES REASON…     opens the one of the application's group
 *   deviation EC2_ID MODULE WHY…     is noted of the instance
 *   stops                            how many jobs were asked to stop
 *   routes                           prints all of them
 *   reload                           the certificate
 *   aws STATUS BODY…                 what AWS answers from now on; before: that it has nothing */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/change_stream.h"
#include "api/item_cache.h"
#include "api/route_doc.h"
#include "aws/aws.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/comparisons.h"
#include "catalog/revisions.h"
#include "harness/scripted_http.h"
#include "http/server.h"
#include "socketio/engine_session.h"
#include "socketio/log_token.h"
#include "sources/git_mirror.h"
#include "store/breaker_store.h"
#include "store/deviation_store.h"
#include "store/job_approval_store.h"
#include "store/job_store.h"
#include "store/release_store.h"
#include "store/secret_store.h"
#include "store/token_store.h"
#include "store/user_store.h"

static const char *folder;
static Store *store;
static Changes *changes;
static ItemCache *items;
static _Atomic(Server *) server; /* handlers run before server_start() has returned */
static atomic_int stops_asked;

static EngineSessions *engine_sessions;
static uint8_t log_token_key[LOG_TOKEN_KEY_BYTES];

static void wake_topic(void *context, const char *topic) {
        Server *running = server;

        (void) context;
        if (running)
                server_wake_streams(running, topic);
}

static void wake_changes(void *context) {
        wake_topic(context, CHANGE_STREAM_TOPIC);
}

/* AWS, as far as this needs one. */
static ScriptedHttp *aws_server;
static Aws *aws;
static Catalog *catalog;

/* Repositories, on this machine's disk too. */
static GitMirrors *mirrors;
static Revisions *revisions;
static Comparisons *comparisons;

static pthread_mutex_t aws_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the answer */
static int aws_status = 200;
static char *aws_body; /* NULL: empty lists */

/* Roles are nobody's to assume. */
static ScriptedReply answer_for_aws(void *context, const char *request) {
        static const char refusal[] = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not this role"
                                      "</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";
        static char kept[4096]; /* the server's thread is one */

        (void) context;
        if (strstr(request, "Action=AssumeRole"))
                return (ScriptedReply){ .status = 403, .body = refusal };
        pthread_mutex_lock(&aws_lock);
        (void) snprintf(kept, sizeof(kept), "%s", aws_body ? aws_body : "<AnyResponse/>");
        int status = aws_status;
        pthread_mutex_unlock(&aws_lock);
        return (ScriptedReply){ .status = status, .body = kept };
}

static void set_aws_answer(const char *text) {
        char *body = NULL;
        long status = strtol(text, &body, 10);

        pthread_mutex_lock(&aws_lock);
        aws_status = (int) status;
        free(aws_body);
        aws_body = *body ? xstrdup(body + 1) : NULL;
        pthread_mutex_unlock(&aws_lock);
}

static bool start_aws(Error **err) {
        static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true",
                                                   NULL };

        aws_server = scripted_http_start_handler(answer_for_aws, NULL);
        aws =
                aws_new(&(AwsOptions){ .region = "eu-west-1",
                                       .endpoint_url = scripted_http_url(aws_server),
                                       .access_key_id = "AKIDEXAMPLE",
                                       .secret_access_key = "secret",
                                       .retry_base_ms = 2,
                                       .environment = environment },
                        err);
        catalog = aws ? catalog_start(&(CatalogSpec){ .aws = aws, .keep_ms = 1000, .wake = wake_topic }, err)
                      : NULL;
        return catalog != NULL;
}

static bool start_sources(Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/mirrors", folder);
        const GitMirrorsSpec spec = {
                .folder = path, .program = "git", .timeout_ms = 60000, .allow_file = true
        };

        return (mirrors = git_mirrors_new(&spec, err)) &&
               (revisions = revisions_start(
                        &(RevisionsSpec){
                                .mirrors = mirrors, .aws = aws, .keep_ms = 1000, .wake = wake_topic },
                        err)) &&
               (comparisons = comparisons_start(
                        &(ComparisonsSpec){ .mirrors = mirrors, .keep_ms = 1000, .wake = wake_topic }, err));
}

static void wake_log(void *context, const char *job_id) {
        CLEANUP(free) char *topic = api_log_topic(job_id);

        wake_topic(context, topic);
}

static void stop_job(void *context, const char *job_id) {
        (void) context, (void) job_id;
        stops_asked++;
}

static size_t count_agents(void *context) {
        (void) context;
        return 3;
}

static char *describe_metrics(void *context) {
        (void) context;
        return xstrdup("# TYPE up gauge\nup 1\n");
}

static bool append_log(const char *job_id, const char *line, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/logs/%s.txt", folder, job_id);
        CLEANUP(free) char *text = xasprintf("%s\n", line);
        CLEANUP(file_close) int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

        return file_write_all(fd, text, strlen(text), err);
}

static bool add(Collection collection, Document *document, Error **err) {
        CLEANUP(document_free) Document *owned = document;
        CLEANUP(document_free) Document *stored = NULL;

        if (!collection_insert(store, collection, owned, &stored, err))
                return false;
        (void) printf("ok %s\n", document_get_string(stored, "_id"));
        return true;
}

static bool add_deployment(const StringList *words, Error **err) {
        static int64_t clock = 1000;
        Document *deployment = document_object();

        document_set_string(deployment, "app_id", words->items[1]);
        document_set_string(deployment, "module", words->items[2]);
        document_set_string(deployment, "revision", words->items[3]);
        document_set_int(deployment, "timestamp", clock++);
        return add(COLLECTION_DEPLOYMENTS, deployment, err);
}

static bool add_instance(const StringList *words, Error **err) {
        Document *instance = document_object();

        document_set_string(instance, "app_id", words->items[1]);
        document_set_string(instance, "instance_id", words->items[2]);
        return add(COLLECTION_INSTANCES, instance, err);
}

static bool set_member(const StringList *words, const char *rest, Error **err) {
        CLEANUP(document_free) Document *members = document_object();

        document_set_string(members, words->items[2], rest);
        return collection_patch(store, COLLECTION_INSTANCES, words->items[1], members, true, err);
}

static bool patch(const StringList *words, const char *rest, Error **err) {
        CLEANUP(document_free) Document *members = document_parse(rest, strlen(rest), err);
        const char *what = words->items[1];
        Collection collection = strcmp(what, "app") == 0          ? COLLECTION_APPS
                                : strcmp(what, "job") == 0        ? COLLECTION_JOBS
                                : strcmp(what, "deployment") == 0 ? COLLECTION_DEPLOYMENTS
                                                                  : COLLECTION_INSTANCES;

        return members && collection_patch(store, collection, words->items[2], members, true, err);
}

static bool open_breaker(const StringList *words, const char *reason, Error **err) {
        uint64_t failures = 0;

        if (!text_parse_uint(words->items[2], 0, INT32_MAX, &failures, err))
                return false;
        const Breaker breaker = { .state = BREAKER_OPEN,
                                  .failures = (int64_t) failures,
                                  .reason = (char *) reason,
                                  .opened_us = clock_now_us() };
        return breaker_store_put(store, words->items[1], &breaker, err);
}

static bool note_deviation(const StringList *words, const char *why, Error **err) {
        const Deviation deviation = { .module = words->items[2], .wanted = "", .job_id = "", .why = why };

        return deviation_store_put(store, words->items[1], &deviation, err);
}

/* What follows so many words. */
static const char *after_words(const char *line, int count) {
        for (; count > 0; count--)
                line += strcspn(line, " ") + 1;
        return line;
}

/* As a worker does. */
static bool claim_job(Error **err) {
        CLEANUP(document_free) Document *job = NULL;

        if (!job_store_claim_next(store, &job, err))
                return false;
        return printf("ok %s\n", document_get_string(job, "_id")) > 0;
}

static bool end_job(const char *job_id, const char *word, Error **err) {
        int status = JOB_DONE;

        names_value(&job_status_names, word, &status);
        bool ok = job_store_set_status(store, job_id, JOB_STARTED, (JobStatus) status, "over", err);
        wake_log(NULL, job_id);
        return ok;
}

/* METHOD,PATH,RIGHT,KIND each, as the enumerations count; KIND -1: nothing describes the route. */
static bool print_routes(void) {
        (void) printf("ok");
        for (const Resource *const *resource = api_resources; *resource; resource++)
                for (size_t i = 0; i < (*resource)->route_count; i++) {
                        const Route *route = &(*resource)->routes[i];
                        (void) printf(
                                " %s,%s,%d,%d", route->method, route->path, route->right,
                                route->doc ? (int) route->doc->kind : -1);
                }
        return printf("\n") > 0;
}

static bool obey(const char *line, bool *ret_said, Error **err) {
        CLEANUP(string_list_clear) StringList words = { 0 };

        text_split(line, ' ', &words);
        *ret_said = false;
        if (words.count >= 3 && strcmp(words.items[0], "log") == 0) {
                bool ok = append_log(words.items[1], line + strlen("log ") + strlen(words.items[1]) + 1, err);
                wake_log(NULL, words.items[1]);
                return ok;
        }
        if (words.count == 2 && strcmp(words.items[0], "start") == 0)
                return job_store_set_status(store, words.items[1], JOB_PENDING, JOB_STARTED, "started", err);
        if (words.count >= 4 && strcmp(words.items[0], "ask") == 0)
                return job_approval_ask(store, words.items[1], words.items[2], after_words(line, 3), err);
        if (words.count >= 2 && strcmp(words.items[0], "aws") == 0) {
                set_aws_answer(line + strlen("aws "));
                return true;
        }
        if (strcmp(line, "reload") == 0)
                return server_reload_certificate(server, err);
        if (words.count == 3 && strcmp(words.items[0], "end") == 0)
                return end_job(words.items[1], words.items[2], err);
        if (words.count >= 4 && strcmp(words.items[0], "set") == 0)
                return set_member(&words, after_words(line, 3), err);
        if (words.count >= 4 && strcmp(words.items[0], "patch") == 0)
                return patch(&words, after_words(line, 3), err);
        if (words.count == 4 && strcmp(words.items[0], "want") == 0)
                return release_store_set(store, words.items[1], words.items[2], words.items[3], err);
        if (words.count >= 4 && strcmp(words.items[0], "breaker") == 0)
                return open_breaker(&words, after_words(line, 3), err);
        if (words.count >= 4 && strcmp(words.items[0], "deviation") == 0)
                return note_deviation(&words, after_words(line, 3), err);
        *ret_said = true;
        if (strcmp(line, "claim") == 0)
                return claim_job(err);
        if (words.count == 4 && strcmp(words.items[0], "deployment") == 0)
                return add_deployment(&words, err);
        if (words.count == 3 && strcmp(words.items[0], "instance") == 0)
                return add_instance(&words, err);
        if (strcmp(line, "routes") == 0)
                return print_routes();
        if (strcmp(line, "stops") == 0)
                return printf("ok %d\n", stops_asked) > 0;
        return error_set(err, ERROR_INVALID, "what is '%s'?", line);
}

static bool add_account(const char *name, const char *role, Error **err) {
        CLEANUP(free) char *hash = password_hash("secret12");
        CLEANUP(free) char *token_hash = crypto_sha256_hex(name, strlen(name));
        User user = { .name = (char *) name, .role = (char *) role, .password_hash = hash };

        const NewToken token = { token_hash, name, role, "test", clock_now_us() + 3600000000 };
        CLEANUP(token_owner_clear) TokenOwner known = { 0 };
        CLEANUP(error_free) Error *absent = NULL;

        /* A folder that was served before has them. */
        if (token_store_get(store, token_hash, &known, &absent))
                return true;
        return user_store_put(store, &user, err) && token_store_insert(store, &token, NULL, err);
}

/* REST_CONNECTIONS=20 in the environment, for tests of the server's bounds. */
static int64_t bound(const char *name) {
        CLEANUP(error_free) Error *ignored = NULL;
        const char *word = getenv(name); /* NOLINT(concurrency-mt-unsafe) */
        uint64_t number = 0;

        return word && text_parse_uint(word, 0, INT32_MAX, &number, &ignored) ? (int64_t) number : 0;
}

static bool start(Services *services, char **tls_files, Auth **ret_auth, Error **err) {
        const ServerOptions options = { .listen = "127.0.0.1:0",
                                        .max_body_bytes = 256 * 1024,
                                        .connection_limit = (unsigned) bound("REST_CONNECTIONS"),
                                        .connections_per_address = (unsigned) bound("REST_PER_ADDRESS"),
                                        .idle_timeout_ms = bound("REST_IDLE_MS"),
                                        .request_timeout_ms = bound("REST_REQUEST_MS"),
                                        .stop_timeout_ms = bound("REST_STOP_MS"),
                                        .cors_origins = "https://docs.example",
                                        .certificate_file = tls_files ? tls_files[0] : NULL,
                                        .key_file = tls_files ? tls_files[1] : NULL };
        CLEANUP(free) char *path = xasprintf("%s/ghost.db", folder);

        if (!file_make_folders(services->logs_folder, 0700, err))
                return false;
        services->store = store = store_open(&(StoreSpec){ .path = path }, err);
        if (!store || !add_account("ann", "admin", err) || !add_account("olga", "operator", err) ||
            !add_account("vera", "viewer", err))
                return false;
        if (!secret_store_get(store, "log tokens", log_token_key, sizeof(log_token_key), err))
                return false;
        const EngineOptions engine = { .logs_folder = services->logs_folder,
                                       .token_key = log_token_key,
                                       .wake = wake_topic };
        services->engine_sessions = engine_sessions = engine_sessions_new(&engine);
        services->log_token_key = log_token_key;
        services->items = items = item_cache_new();
        if (!start_aws(err) || !start_sources(err))
                return false;
        services->catalog = catalog;
        changes = services->changes = changes_new(&(ChangesSpec){ .told = wake_changes }, err);
        if (!changes || !store_tell_changes(store, changes, err))
                return false;
        services->revisions = revisions;
        services->comparisons = comparisons;
        const AuthSource source = api_auth_source(services);
        *ret_auth = services->auth = auth_new(&source);
        server = server_start(&options, api_resources, services, *ret_auth, err);
        return server != NULL;
}

static void serve(void) {
        char line[4096];

        (void) printf("%u\n", server_port(server));
        while (fflush(stdout) == 0 && fgets(line, sizeof(line), stdin)) {
                CLEANUP(error_free) Error *error = NULL;
                bool said;

                line[strcspn(line, "\n")] = '\0';
                if (!obey(line, &said, &error))
                        (void) printf("%s\n", error_message(error));
                else if (!said)
                        (void) printf("ok\n");
        }
}

int main(int argc, char **argv) {
        CLEANUP(error_free) Error *error = NULL;
        Auth *auth = NULL;

        folder = argc > 1 ? argv[1] : ".";
        CLEANUP(free) char *logs = xasprintf("%s/logs", folder);
        CLEANUP(signing_key_free) SigningKey *release_key = signing_key_new();
        Services services = { .data_dir = folder,
                              .agent_program = "/proc/self/exe",
                              .release_key = release_key,
                              .authority = "-----BEGIN CERTIFICATE-----\n",
                              .logs_folder = logs,
                              .commands = { .blue_green = true, .scripts = true },
                              .stop_job = stop_job,
                              .wake_log = wake_log,
                              .count_agents = count_agents,
                              .describe_metrics = describe_metrics };

        bool ok = start(&services, argc > 3 ? argv + 2 : NULL, &auth, &error);
        if (ok)
                serve();
        else
                log_error("%s", error_message(error));
        changes_stop(changes);
        catalog_stop(catalog);
        revisions_stop(revisions);
        comparisons_stop(comparisons);
        server_stop(server);
        catalog_free(catalog);
        revisions_free(revisions);
        comparisons_free(comparisons);
        git_mirrors_free(mirrors);
        aws_free(aws);
        scripted_http_stopp(&aws_server);
        free(aws_body);
        auth_free(auth);
        engine_sessions_free(engine_sessions);
        item_cache_free(items);
        store_free(store);
        changes_free(changes);
        return ok ? 0 : 1;
}
