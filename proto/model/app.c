#include "model/app.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "model/app_rules.h"
#include "model/health_check.h"

/* Parts of an application whose change waits for a job. */
static const char *const tracked[] = { "modules",     "features",          "autoscale",      "blue_green",
                                       "build_infos", "environment_infos", "lifecycle_hooks" };
static const char *const reserved_tags[] = { "app", "app_id", "env", "role", "color" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Document *app_tidy_input(const Document *input) {
        Document *tidy = document_copy(input);
        const Document *given = document_get(input, "log_notifications");

        if (!document_is_array(given))
                return tidy;
        Document *complete = document_array();
        for (size_t i = 0; i < document_count(given); i++) {
                const Document *item = document_at(given, i);
                Document *entry = document_is_string(item) ? document_object() : document_copy(item);

                if (document_is_string(item))
                        document_set_string(entry, "email", document_value(item));
                document_append(complete, entry);
        }
        document_set(tidy, "log_notifications", complete);
        return tidy;
}

static bool is_reserved(const char *name) {
        if (text_starts_with(name, "ghost:"))
                return true;
        for (size_t i = 0; i < COUNT(reserved_tags); i++)
                if (strcmp(reserved_tags[i], name) == 0)
                        return true;
        return false;
}

static void append_tag(Document *tags, const char *name, const char *value) {
        Document *tag = document_object();

        document_set_string(tag, "tag_name", name);
        document_set_string(tag, "tag_value", value);
        document_append(tags, tag);
}

/* Name is always there, the reserved ones are ours to set. */
static void tidy_tags(Document *app) {
        const Document *given = document_get(app, "environment_infos.instance_tags");
        Document *environment = document_copy(document_get(app, "environment_infos"));
        Document *tags = document_array();
        bool named = false;

        for (size_t i = 0; i < document_count(given); i++) {
                const Document *tag = document_at(given, i);
                const char *name = document_get_string(tag, "tag_name");

                if (is_reserved(name))
                        continue;
                named |= strcmp(name, "Name") == 0;
                document_append(tags, document_copy(tag));
        }
        if (!named) {
                CLEANUP(free)
                char *value = xasprintf(
                        "ec2.%s.%s.%s", document_get_string(app, "env"), document_get_string(app, "role"),
                        document_get_string(app, "name"));
                append_tag(tags, "Name", value);
        }
        document_set(environment, "instance_tags", tags);
        document_set(app, "environment_infos", environment);
}

static void note_change(Document *changes, const char *field, const char *user) {
        CLEANUP(free) char *now = clock_format_http(clock_now_us());
        Document *change = document_object();

        document_set_string(change, "field", field);
        document_set_string(change, "user", user);
        document_set_string(change, "updated", now);
        document_append(changes, change);
}

static void set_default(Document *app, const char *name, Document *value) {
        if (document_get(app, name))
                document_free(value);
        else
                document_set(app, name, value);
}

Document *app_new_document(const Document *input, const char *user) {
        Document *app = document_copy(input), *changes = document_array(), *modules = document_array();
        const Document *given = document_get(input, "modules");

        for (size_t i = 0; i < document_count(given); i++) {
                Document *module = document_copy(document_at(given, i));
                document_set_bool(module, "initialized", false);
                document_append(modules, module);
        }
        document_set(app, "modules", modules);
        set_default(app, "environment_infos", document_object());
        tidy_tags(app);

        Document *environment = document_copy(document_get(app, "environment_infos"));
        set_default(environment, "public_ip_address", document_bool(true));
        document_set(app, "environment_infos", environment);

        for (size_t i = 0; i < COUNT(tracked); i++)
                note_change(changes, tracked[i], user);
        document_set(app, "pending_changes", changes);
        document_set_string(app, "user", user);
        return app;
}

static Document *merge(const Document *stored, const Document *patch) {
        if (!document_is_object(patch))
                return document_copy(patch);
        Document *merged = document_is_object(stored) ? document_copy(stored) : document_object();
        for (void *i = document_first(patch); i; i = document_next(patch, i)) {
                if (document_is_null(document_child(i))) {
                        document_remove(merged, document_name(i));
                        continue;
                }
                document_set(
                        merged, document_name(i),
                        merge(document_get_member(stored, document_name(i)), document_child(i)));
        }
        return merged;
}

static bool is_blank(const Document *value) {
        const char *text = document_value(value);

        return !value || document_is_null(value) || (text && text[0] == '\0');
}

static bool same_value(const Document *a, const Document *b) {
        return (is_blank(a) && is_blank(b)) || (a && b && document_equal(a, b));
}

/* Every member of one is in the other. */
static bool covers(const Document *object, const Document *other) {
        for (void *i = document_first(object); i; i = document_next(object, i))
                if (!same_value(document_child(i), document_get_member(other, document_name(i))))
                        return false;
        return true;
}

static bool same_object(const Document *a, const Document *b) {
        return covers(a, b) && covers(b, a);
}

static Document *read_module(const Document *module) {
        Document *shown = document_copy(module);
        const Document *given = document_get(module, "source");
        Document *source = given ? document_copy(given) : document_object();
        const char *url = document_get_string(source, "url");

        if (!url[0])
                document_set_string(source, "url", document_get_string(module, "git_repo"));
        set_default(source, "protocol", document_string("git"));
        set_default(source, "mode", document_string("symlink"));
        document_set_string(shown, "git_repo", document_get_string(source, "url"));
        document_set(shown, "source", source);
        return shown;
}

/* As people wrote it: without what the server keeps about it. */
static Document *bare_module(const Document *module) {
        Document *bare = read_module(module);

        document_remove(bare, "initialized");
        document_remove(bare, "last_deployment");
        return bare;
}

static const Document *find_module(const Document *modules, const char *name) {
        for (size_t i = 0; i < document_count(modules); i++)
                if (strcmp(document_get_string(document_at(modules, i), "name"), name) == 0)
                        return document_at(modules, i);
        return NULL;
}

/* Puts the modules' states right; true when one is new or changed. */
static bool settle_modules(Document *app, const Document *stored) {
        const Document *sent = document_get(app, "modules"), *known = document_get(stored, "modules");
        Document *settled = document_array();
        bool any_changed = false;

        for (size_t i = 0; i < document_count(sent); i++) {
                Document *module = document_copy(document_at(sent, i));
                const Document *former = find_module(known, document_get_string(module, "name"));
                CLEANUP(document_free) Document *bare = bare_module(module);
                CLEANUP(document_free) Document *bare_former = former ? bare_module(former) : NULL;
                bool same = former && same_object(bare, bare_former);

                any_changed |= !same;
                document_set_bool(module, "initialized", same && document_get_bool(former, "initialized"));
                document_append(settled, module);
        }
        document_set(app, "modules", settled);
        return any_changed;
}

/* By what comes out of it: a list of tags is the same with or without the tags that are ours to set. */
static bool part_changed(
        const Document *app, const Document *stored, const Document *patch, const char *field) {
        const Document *sent = document_get(patch, field), *known = document_get(stored, field),
                       *becomes = document_get(app, field);

        if (!document_is_object(sent))
                return sent && !same_value(becomes, known);
        for (void *i = document_first(sent); i; i = document_next(sent, i))
                if (!same_value(
                            document_get_member(becomes, document_name(i)),
                            document_get_member(known, document_name(i))))
                        return true;
        return false;
}

static void settle_changes(Document *app, const Document *stored, const bool *changed, const char *user) {
        const Document *known = document_get(stored, "pending_changes");
        Document *changes = document_array();

        for (size_t i = 0; i < document_count(known); i++) {
                const char *field = document_get_string(document_at(known, i), "field");
                bool refreshed = false;

                for (size_t j = 0; j < COUNT(tracked); j++)
                        refreshed |= changed[j] && strcmp(tracked[j], field) == 0;
                if (!refreshed)
                        document_append(changes, document_copy(document_at(known, i)));
        }
        for (size_t j = 0; j < COUNT(tracked); j++)
                if (changed[j])
                        note_change(changes, tracked[j], user);
        document_set(app, "pending_changes", changes);
}

static bool check_identity(const Document *stored, const Document *patch, Error **err) {
        static const char *const fixed[] = { "name", "env", "role" };

        for (size_t i = 0; i < COUNT(fixed); i++) {
                const Document *sent = document_get(patch, fixed[i]);

                if (sent && !same_value(sent, document_get(stored, fixed[i])))
                        return error_set(
                                err, ERROR_INVALID, "Updates are forbidden for field: \"%s\"", fixed[i]);
        }
        return true;
}

/* Who names another source of builds does not have to take the one before away. */
static void drop_other_sources(Document *app, const Document *patch) {
        const Document *sent = document_get(patch, "build_infos");
        bool names_one = false;

        for (size_t i = 0; i < APP_SOURCE_COUNT; i++)
                names_one |= document_get(sent, app_sources[i]) != NULL;
        if (!names_one)
                return;
        Document *infos = document_copy(document_get(app, "build_infos"));
        for (size_t i = 0; i < APP_SOURCE_COUNT; i++)
                if (!document_get(sent, app_sources[i]))
                        document_remove(infos, app_sources[i]);
        document_set(app, "build_infos", infos);
}

bool app_merge(const Document *stored, const Document *patch, const char *user, Document **ret, Error **err) {
        bool changed[COUNT(tracked)] = { false };

        if (!check_identity(stored, patch, err))
                return false;
        CLEANUP(document_free) Document *app = merge(stored, patch);
        drop_other_sources(app, patch);
        if (document_get(patch, "environment_infos"))
                tidy_tags(app);
        for (size_t i = 0; i < COUNT(tracked); i++)
                changed[i] = strcmp(tracked[i], "modules") == 0
                                     ? document_get(patch, "modules") && settle_modules(app, stored)
                                     : part_changed(app, stored, patch, tracked[i]);
        settle_changes(app, stored, changed, user);
        if (!app_check(app, err))
                return false;
        *ret = TAKE(app);
        return true;
}

static Document *read_notifications(const Document *given) {
        Document *shown = document_array();

        for (size_t i = 0; i < document_count(given); i++) {
                Document *entry = document_copy(document_at(given, i));

                if (document_count(document_get(entry, "job_states")) == 0) {
                        Document *all = document_array();
                        document_append(all, document_string("*"));
                        document_set(entry, "job_states", all);
                }
                document_append(shown, entry);
        }
        return shown;
}

Document *app_for_reading(const Document *stored) {
        Document *shown = document_copy(stored), *modules = document_array();
        const Document *known = document_get(stored, "modules");

        for (size_t i = 0; i < document_count(known); i++)
                document_append(modules, read_module(document_at(known, i)));
        document_set(shown, "modules", modules);
        document_set(
                shown, "log_notifications", read_notifications(document_get(stored, "log_notifications")));
        return shown;
}

bool app_check(const Document *app, Error **err) {
        const Document *modules = document_get(app, "modules");

        return app_check_scripts(app, err) && app_check_paths(modules, err) &&
               app_check_names(modules, err) && app_check_health(modules, err) &&
               app_check_features(document_get(app, "features"), err);
}
