#include "api/app_write.h"

#include "base/crypto.h"
#include "base/memory.h"
#include "model/app.h"
#include "model/app_rules.h"
#include "model/app_twin.h"
#include "store/boot_hook_store.h"
#include "store/job_store.h"

static bool find_one(Store *store, const Document *where, Document **ret, Error **err) {
        CLEANUP(list_result_clear) ListResult result = { 0 };
        const ListQuery query = { .where = where, .page = 1, .max_results = 1 };

        if (!collection_list(store, COLLECTION_APPS, &query, &result, err))
                return false;
        if (document_count(result.items) > 0)
                *ret = document_copy(document_at(result.items, 0));
        return true;
}

/* *ret stays NULL when there is none. color NULL: of any or none. */
static bool find_namesake(Store *store, const Document *app, const char *color, Document **ret, Error **err) {
        static const char *const identity[] = { "name", "env", "role" };
        CLEANUP(document_free) Document *where = document_object();

        for (size_t i = 0; i < sizeof(identity) / sizeof(identity[0]); i++)
                document_set_string(where, identity[i], document_get_string(app, identity[i]));
        if (color)
                document_set_string(where, "blue_green.color", color);
        return find_one(store, where, ret, err);
}

/* An application without a color shares its identity with nobody, one with a color with its twin. */
static bool check_identity_free(Store *store, const Document *app, Error **err) {
        CLEANUP(document_free) Document *other = NULL;
        const char *color = document_get_string(app, "blue_green.color");

        if (!find_namesake(store, app, *color ? color : NULL, &other, err))
                return false;
        return !other ||
               error_set(
                       err, ERROR_CONFLICT,
                       "An app already exist with same name, role%s. Please change one these fields.",
                       *color ? ", env and color" : " and env");
}

/* The green half: one that is there already, or a new one. */
static bool write_twin(
        Store *store, const Document *app, const char *app_id, const char *twin_id, const char *user,
        bool twin_known, Error **err) {
        CLEANUP(document_free) Document *twin = NULL;

        if (!twin_known) {
                twin = app_make_twin(app, app_id, twin_id, user);
                return collection_insert(store, COLLECTION_APPS, twin, NULL, err);
        }
        if (!collection_get(store, COLLECTION_APPS, twin_id, &twin, err))
                return false;
        app_make_green(twin, app_id);
        return collection_replace(store, COLLECTION_APPS, twin_id, twin, NULL, NULL, NULL, err);
}

/* Makes app the blue half when it asks for that; its own row is written after its twin's. */
static bool settle_twin(Store *store, Document *app, const char *app_id, const char *user, Error **err) {
        CLEANUP(document_free) Document *known = NULL;

        if (!app_wants_twin(app))
                return true;
        if (!find_namesake(store, app, "green", &known, err))
                return false;
        CLEANUP(free)
        char *twin_id = known ? xstrdup(document_get_string(known, "_id")) : crypto_new_id();
        if (!write_twin(store, app, app_id, twin_id, user, known != NULL, err))
                return false;
        app_make_blue(app, twin_id);
        return true;
}

bool app_write_new(Store *store, const Document *input, const char *user, Document **ret, Error **err) {
        CLEANUP(document_free) Document *app = app_new_document(input, user);
        CLEANUP(free) char *id = crypto_new_id();

        document_set_string(app, "_id", id);
        return app_check(app, err) && app_check_source(document_get(app, "build_infos"), err) &&
               check_identity_free(store, app, err) && settle_twin(store, app, id, user, err) &&
               collection_insert(store, COLLECTION_APPS, app, ret, err);
}

/* A twin that is gone already is as good. */
static bool remove_app(Store *store, const char *id, Error **err) {
        CLEANUP(error_free) Error *why = NULL;

        return collection_delete(store, COLLECTION_APPS, id, NULL, NULL, &why) ||
               error_kind(why) == ERROR_NOT_FOUND ||
               error_set(err, error_kind(why), "%s", error_message(why));
}

static bool remove_with_jobs(Store *store, const char *id, Error **err) {
        return job_store_cancel_queued(store, id, "The application was deleted", err) &&
               boot_hook_store_remove(store, id, err) && remove_app(store, id, err);
}

static bool remove_twin(Store *store, const Document *app, Error **err) {
        const char *twin_id = document_get_string(app, "blue_green.alter_ego_id");

        return !*twin_id || remove_with_jobs(store, twin_id, err);
}

/* NOLINTNEXTLINE(readability-function-size): as declared in the header */
bool app_write_merged(
        Store *store, const char *id, const Document *merged, const Document *patch, const char *user,
        Document **ret, Error **err) {
        CLEANUP(document_free) Document *app = document_copy(merged);

        if (app_gives_up_twin(patch)) {
                if (!remove_twin(store, app, err))
                        return false;
                document_remove(app, "blue_green");
        } else if (!settle_twin(store, app, id, user, err)) {
                return false;
        }
        return collection_replace(store, COLLECTION_APPS, id, app, NULL, NULL, ret, err);
}

bool app_write_gone(Store *store, const Document *app, Error **err) {
        return remove_twin(store, app, err) && remove_with_jobs(store, document_get_string(app, "_id"), err);
}
