/* /rq: the queue of jobs at a glance: what runs and what waits, by application. */
#include <string.h>

#include "api/envelope.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "base/memory.h"
#include "store/collection.h"

enum { SHOWN_MAX = 200 };

/* Named as the contract names its queues: env[-color]:name:role. */
static char *queue_name(const Document *app) {
        const char *color = document_get_string(app, "blue_green.color");

        return xasprintf(
                "%s%s%s:%s:%s", document_get_string(app, "env"), color[0] ? "-" : "", color,
                document_get_string(app, "name"), document_get_string(app, "role"));
}

static bool name_of_queue(Services *services, const char *app_id, char **ret, Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(error_free) Error *why = NULL;

        if (collection_get(services->store, COLLECTION_APPS, app_id, &app, &why))
                *ret = queue_name(app);
        else if (error_kind(why) == ERROR_NOT_FOUND)
                *ret = xstrdup(app_id);
        else
                return error_set(err, error_kind(why), "%s", error_message(why));
        return true;
}

/* What is told of a job; NULL with the error set. */
static Document *row_of(Services *services, const Document *job, Error **err) {
        static const char *const members[] = { "_id",  "app_id",  "command",  "status",
                                               "user", "message", "_created", "started_at" };
        CLEANUP(free) char *name = NULL;

        if (!name_of_queue(services, document_get_string(job, "app_id"), &name, err))
                return NULL;
        Document *row = document_object();
        document_set_string(row, "queue", name);
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
                const Document *member = document_get(job, members[i]);
                if (member)
                        document_set(row, members[i], document_copy(member));
        }
        return row;
}

static bool add_jobs(
        Services *services, const char *status, Document *rows, int64_t *ret_total, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(list_result_clear) ListResult result = { 0 };
        const ListQuery query = { .where = where, .page = 1, .max_results = SHOWN_MAX };

        document_set_string(where, "status", status);
        if (!collection_list(services->store, COLLECTION_JOBS, &query, &result, err))
                return false;
        for (size_t i = 0; i < document_count(result.items); i++) {
                Document *row = row_of(services, document_at(result.items, i), err);

                if (!row)
                        return false;
                document_append(rows, row);
        }
        *ret_total = result.total;
        return true;
}

static void append_escaped(Text *page, const char *word) {
        for (; *word; word++) {
                if (strchr("<>&\"'", *word))
                        text_appendf(page, "&#%d;", *word);
                else
                        text_append_bytes(page, word, 1);
        }
}

static char *page_of(const Document *rows, int64_t running, int64_t queued) {
        static const char *const columns[] = { "queue", "command", "status", "user", "_created", "_id" };
        CLEANUP(text_clear) Text page = { 0 };

        text_appendf(
                &page,
                "<!doctype html><meta charset=\"utf-8\"><title>Ghost: job queue</title>"
                "<h1>Job queue</h1><p>%lld running, %lld waiting</p><table><tr>",
                (long long) running, (long long) queued);
        for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
                text_appendf(&page, "<th>%s</th>", columns[c]);
        for (size_t i = 0; i < document_count(rows); i++) {
                text_append(&page, "</tr>\n<tr>");
                for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++) {
                        text_append(&page, "<td>");
                        append_escaped(&page, document_get_string(document_at(rows, i), columns[c]));
                        text_append(&page, "</td>");
                }
        }
        text_append(&page, "</tr></table>\n");
        return text_take(&page);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *rows = document_array();
        int64_t running, queued;

        if (!add_jobs(services, "started", rows, &running, err) ||
            !add_jobs(services, "init", rows, &queued, err))
                return false;
        if (request_wants_html(request)) {
                CLEANUP(free) char *page = page_of(rows, running, queued);
                response_text(response, 200, "text/html; charset=utf-8", page);
                response_header(response, "Content-Security-Policy", "default-src 'none'");
        } else {
                Document *queue = document_object();
                document_set_int(queue, "running", running);
                document_set_int(queue, "queued", queued);
                document_set(queue, "jobs", TAKE(rows));
                envelope_plain(response, queue);
        }
        response_header(response, "Cache-Control", "no-store");
        return true;
}

static const SchemaField job_fields[] = {
        { "queue", SCHEMA_STRING },   { "_id", SCHEMA_ID },          { "app_id", SCHEMA_ID },
        { "command", SCHEMA_STRING }, { "status", SCHEMA_STRING },   { "user", SCHEMA_STRING },
        { "message", SCHEMA_STRING }, { "_created", SCHEMA_STRING }, { "started_at", SCHEMA_STRING },
};
static const Schema job_schema = SCHEMA(job_fields);

static const SchemaField fields[] = {
        { "running", SCHEMA_INT },
        { "queued", SCHEMA_INT },
        { "jobs", SCHEMA_LIST, .schema = &job_schema },
};
static const Schema queue_schema = SCHEMA(fields);

static const Route routes[] = {
        { "GET", "/rq", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "show_queue",
                             .summary = "Shows the jobs that run and wait",
                             .kind = ANSWER_DOCUMENT,
                             .answer = &queue_schema } },
};

const Resource rq_resource = RESOURCE("rq", routes);
