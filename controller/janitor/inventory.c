#include "janitor/inventory.h"

#include "aws/app_place.h"
#include "aws/ec2_wait.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/collection.h"
#include "store/instance_store.h"

enum { BATCH = 200 }; /* values of one filter */

static const int64_t believed_us = INT64_C(5) * 60 * 1000 * 1000;

static bool same_role(const AwsRole *a, const AwsRole *b) {
        if (!a || !b)
                return a == b;
        return text_equal(a->account_id, b->account_id) && text_equal(a->name, b->name) &&
               text_equal(a->external_id, b->external_id);
}

static bool is_here(const AwsSession *session, const Document *app) {
        AppPlace place;

        app_place_read(app, &place);
        return text_equal(place.region ? place.region : "", session->region ? session->region : "") &&
               same_role(app_place_role(&place), session->role);
}

/* Ids of the application's instances that EC2 has to know by now. */
static bool known_instances(Store *store, const char *app_id, int64_t now_us, StringList *ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;

        document_set_string(where, "app_id", app_id);
        if (!collection_find(store, COLLECTION_INSTANCES, where, &found, err))
                return false;
        for (size_t i = 0; i < document_count(found); i++) {
                const Document *instance = document_at(found, i);
                int64_t created_us = 0;

                if (!text_equal(document_get_string(instance, "state"), "gone") &&
                    clock_parse_http(document_get_string(instance, "_created"), &created_us) &&
                    created_us + believed_us < now_us)
                        string_list_add(ret, document_get_string(instance, "instance_id"));
        }
        return true;
}

static bool lives(const Ec2Instances *found, const char *id) {
        for (size_t i = 0; i < found->count; i++)
                if (text_equal(found->items[i].id, id))
                        return found->items[i].state != EC2_TERMINATED;
        return false;
}

static bool check_batch(
        AwsSession *session, Store *store, const StringList *ids, size_t *ret_gone, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        if (!ec2_seek_instances(session, ids, &found, err))
                return false;
        for (size_t i = 0; i < ids->count; i++) {
                if (lives(&found, ids->items[i]))
                        continue;
                if (!instance_store_set_gone(store, ids->items[i], err))
                        return false;
                log_warn("janitor: instance %s was ended outside Ghost", ids->items[i]);
                ++*ret_gone;
        }
        return true;
}

bool inventory_check(AwsSession *session, Store *store, int64_t now_us, size_t *ret_gone, Error **err) {
        CLEANUP(document_free) Document *apps = NULL;
        CLEANUP(string_list_clear) StringList ids = { 0 };

        if (!collection_find(store, COLLECTION_APPS, NULL, &apps, err))
                return false;
        for (size_t i = 0; i < document_count(apps); i++) {
                const Document *app = document_at(apps, i);

                if (is_here(session, app) &&
                    !known_instances(store, document_get_string(app, "_id"), now_us, &ids, err))
                        return false;
        }
        for (size_t from = 0; from < ids.count; from += BATCH) {
                CLEANUP(string_list_clear) StringList batch = { 0 };

                for (size_t i = from; i < ids.count && i < from + BATCH; i++)
                        string_list_add(&batch, ids.items[i]);
                if (!check_batch(session, store, &batch, ret_gone, err))
                        return false;
        }
        return true;
}
