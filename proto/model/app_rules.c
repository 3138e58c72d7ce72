#include "model/app_rules.h"

#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"

static const char *const forbidden_paths[] = { "/",      "/tmp",  "/var",  "/etc",
                                               "/ghost", "/root", "/home", "/home/admin" };

char *app_normal_path(const char *path) {
        CLEANUP(string_list_clear) StringList parts = { 0 };
        CLEANUP(text_clear) Text normal = { 0 };
        size_t depth = 0;

        text_split(path, '/', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                char *part = parts.items[i];

                if (part[0] == '\0' || strcmp(part, ".") == 0)
                        continue;
                if (strcmp(part, "..") == 0) {
                        depth -= depth > 0;
                        continue;
                }
                /* Kept parts move to the front; those they displace stay in the list to be freed. */
                parts.items[i] = parts.items[depth];
                parts.items[depth++] = part;
        }
        for (size_t i = 0; i < depth; i++)
                text_appendf(&normal, "/%s", parts.items[i]);
        if (depth == 0)
                text_append(&normal, "/");
        return text_take(&normal);
}

static bool is_inside(const char *path, const char *folder) {
        size_t length = strlen(folder);

        return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static bool is_forbidden(const char *path) {
        for (size_t i = 0; i < sizeof(forbidden_paths) / sizeof(forbidden_paths[0]); i++)
                if (strcmp(forbidden_paths[i], path) == 0)
                        return true;
        return false;
}

/* Against the modules before it, whose normal paths are in earlier. */
static bool check_collisions(
        const Document *modules, const StringList *earlier, const char *name, const char *path, Error **err) {
        CLEANUP(text_clear) Text inside = { 0 };

        for (size_t i = 0; i < earlier->count; i++) {
                const char *other = document_get_string(document_at(modules, i), "name");

                if (strcmp(path, earlier->items[i]) == 0)
                        return error_set(
                                err, ERROR_INVALID,
                                "Module \"%s\" has a duplicated path (%s) with another module (\"%s\")", name,
                                path, other);
                if (is_inside(path, earlier->items[i]))
                        return error_set(
                                err, ERROR_INVALID,
                                "Module \"%s\" has a path (%s) in collision with another module", name, path);
                if (is_inside(earlier->items[i], path))
                        text_appendf(&inside, "%s%s", inside.length ? ", " : "", other);
        }
        if (inside.length > 0)
                return error_set(
                        err, ERROR_INVALID,
                        "Module \"%s\" has a path (%s) in collision with other(s) module(s) (\"%s\")", name,
                        path, inside.data);
        return true;
}

bool app_check_paths(const Document *modules, Error **err) {
        CLEANUP(string_list_clear) StringList earlier = { 0 };

        for (size_t i = 0; i < document_count(modules); i++) {
                const char *name = document_get_string(document_at(modules, i), "name");
                const char *given = document_get_string(document_at(modules, i), "path");
                CLEANUP(free) char *path = app_normal_path(given);

                if (!given[0])
                        return error_set(err, ERROR_INVALID, "Module \"%s\" has empty path", name);
                if (is_forbidden(path))
                        return error_set(
                                err, ERROR_INVALID, "Module \"%s\" uses a forbidden path: \"%s\"", name,
                                given);
                if (!check_collisions(modules, &earlier, name, path, err))
                        return false;
                string_list_take(&earlier, TAKE(path));
        }
        return true;
}

/* The controller keeps deployments and releases by a module's name. */
bool app_check_names(const Document *modules, Error **err) {
        CLEANUP(string_list_clear) StringList earlier = { 0 };

        for (size_t i = 0; i < document_count(modules); i++) {
                const char *name = document_get_string(document_at(modules, i), "name");

                if (string_list_contains(&earlier, name))
                        return error_set(err, ERROR_INVALID, "Module \"%s\" has a duplicated name", name);
                string_list_add(&earlier, name);
        }
        return true;
}

/* What existing clients name. Whether a controller has it set up is app_check_provisioners()'s to say. */
static bool is_provisioner(const char *word) {
        static const char *const known[] = { "shell", "package", "ansible", "salt" };

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
                if (strcmp(known[i], word) == 0)
                        return true;
        return false;
}

/* None named: the job that installs it has its say. */
bool app_check_features(const Document *features, Error **err) {
        for (size_t i = 0; i < document_count(features); i++) {
                const char *provisioner = document_get_string(document_at(features, i), "provisioner");

                if (*provisioner && !is_provisioner(provisioner))
                        return error_set(
                                err, ERROR_INVALID,
                                "Provisioner \"%s\" set for feature \"%s\" is not available or not "
                                "compatible.",
                                provisioner, document_get_string(document_at(features, i), "name"));
        }
        return true;
}

const char *const app_sources[APP_SOURCE_COUNT] = { "source_ami", "source_ami_filter",
                                                    "source_ami_parameter" };

static bool is_given(const Document *value) {
        return value && !document_is_null(value) && !text_equal(document_value(value), "");
}

bool app_check_source(const Document *build_infos, Error **err) {
        const char *given = NULL;

        for (size_t i = 0; i < APP_SOURCE_COUNT; i++) {
                if (!is_given(document_get(build_infos, app_sources[i])))
                        continue;
                if (given)
                        return error_set(
                                err, ERROR_INVALID, "build_infos has both %s and %s: only one may be given",
                                given, app_sources[i]);
                given = app_sources[i];
        }
        return given || !document_is_object(build_infos) ||
               error_set(
                       err, ERROR_INVALID,
                       "build_infos needs one of source_ami, source_ami_filter and source_ami_parameter");
}

bool app_check_provisioners(const Document *features, const StringList *available, Error **err) {
        for (size_t i = 0; i < document_count(features); i++) {
                const char *provisioner = document_get_string(document_at(features, i), "provisioner");

                if (*provisioner && !string_list_contains(available, provisioner))
                        return error_set(
                                err, ERROR_INVALID,
                                "Provisioner \"%s\" set for feature \"%s\" is not available or not "
                                "compatible.",
                                provisioner, document_get_string(document_at(features, i), "name"));
        }
        return true;
}

static bool is_script(const Document *value) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(free) char *script = NULL;
        size_t length = 0;

        if (!value || document_is_null(value))
                return true;
        if (!base64_decode(document_value(value), &script, &length, &ignored))
                return false;
        return text_is_utf8(script, length) && !memchr(script, '\0', length);
}

static bool check_module_scripts(const Document *module, Error **err) {
        static const char *const scripts[] = { "build_pack", "pre_deploy", "post_deploy",
                                               "after_all_deploy" };

        for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
                if (!is_script(document_get(module, scripts[i])))
                        return error_set(
                                err, ERROR_INVALID, "Error decoding script \"%s\" in module: \"%s\"",
                                scripts[i], document_get_string(module, "name"));
        return true;
}

static bool check_hooks(const Document *hooks, const char *what, Error **err) {
        if (!document_is_object(hooks))
                return true;
        for (void *i = document_first(hooks); i; i = document_next(hooks, i))
                if (!is_script(document_child(i)))
                        return error_set(
                                err, ERROR_INVALID, "Error decoding a script in %s hook: %s", what,
                                document_name(i));
        return true;
}

bool app_check_scripts(const Document *app, Error **err) {
        const Document *modules = document_get(app, "modules");

        for (size_t i = 0; i < document_count(modules); i++)
                if (!check_module_scripts(document_at(modules, i), err))
                        return false;
        return check_hooks(document_get(app, "lifecycle_hooks"), "lifecycle", err) &&
               check_hooks(document_get(app, "blue_green.hooks"), "blue/green", err);
}
