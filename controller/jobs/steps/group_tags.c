#include "jobs/steps/group_tags.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"

/* A tag's value has 256 characters at most, and hashes need no character that one may not have. */
enum { HASH_DIGITS = 8, HASHES_PER_MARKER = 28, MARKERS_MAX = 3 };

static char *key_hash(const char *key) {
        CLEANUP(free) char *hash = crypto_sha256_hex(key, strlen(key));

        return xstrndup(hash, HASH_DIGITS);
}

static char *marker_key(size_t number) {
        return number == 0 ? xstrdup(GROUP_TAGS_MARKER) : xasprintf(GROUP_TAGS_MARKER "-%zu", number + 1);
}

static const AsgTag *find_tag(const AsgTags *tags, const char *key) {
        for (size_t i = 0; i < tags->count; i++)
                if (text_equal(tags->items[i].key, key))
                        return &tags->items[i];
        return NULL;
}

/* Of an application's own tag and one of Ghost's with the same key, Ghost's counts. */
static void set_tag(AsgTags *tags, const char *key, const char *value) {
        for (size_t i = 0; i < tags->count; i++)
                if (text_equal(tags->items[i].key, key)) {
                        free(tags->items[i].value);
                        tags->items[i].value = xstrdup(value);
                        return;
                }
        asg_tags_add(tags, key, value, true);
}

static void find_wanted(const Ec2App *app, AsgTags *ret) {
        for (size_t i = 0; app->instance_tags && i < app->instance_tags->count; i++)
                set_tag(ret, app->instance_tags->items[i].key, app->instance_tags->items[i].value);
        set_tag(ret, "app", app->name);
        set_tag(ret, "app_id", app->id);
        set_tag(ret, "env", app->env);
        set_tag(ret, "role", app->role);
        if (!text_empty(app->color))
                set_tag(ret, "color", app->color);
        set_tag(ret, "ghost:managed", "true");
        set_tag(ret, "ghost:app-id", app->id);
}

static void add_markers(AsgTags *tags) {
        size_t count = tags->count;

        for (size_t first = 0; first < count; first += HASHES_PER_MARKER) {
                CLEANUP(text_clear) Text value = { 0 };
                CLEANUP(free) char *key = marker_key(first / HASHES_PER_MARKER);

                for (size_t i = first; i < count && i < first + HASHES_PER_MARKER; i++) {
                        CLEANUP(free) char *hash = key_hash(tags->items[i].key);

                        text_appendf(&value, "%s%s", i > first ? " " : "", hash);
                }
                asg_tags_add(tags, key, value.data, false);
        }
}

static void read_markers(const AsgTags *tags, StringList *ret) {
        for (size_t number = 0; number < MARKERS_MAX; number++) {
                CLEANUP(free) char *key = marker_key(number);
                const AsgTag *marker = find_tag(tags, key);

                if (marker)
                        text_split(marker->value, ' ', ret);
        }
}

static bool is_marker(const char *key) {
        return text_equal(key, GROUP_TAGS_MARKER) || text_starts_with(key, GROUP_TAGS_MARKER "-");
}

/* Set by Ghost before and not wanted any more. */
static void find_stale(const AsgTags *there, const AsgTags *wanted, AsgTags *ret) {
        CLEANUP(string_list_clear) StringList ours = { 0 };

        read_markers(there, &ours);
        for (size_t i = 0; i < there->count; i++) {
                const AsgTag *tag = &there->items[i];
                CLEANUP(free) char *hash = key_hash(tag->key);

                if (!find_tag(wanted, tag->key) && (is_marker(tag->key) || string_list_contains(&ours, hash)))
                        asg_tags_add(ret, tag->key, tag->value, tag->propagate);
        }
}

static void find_changed(const AsgTags *there, const AsgTags *wanted, AsgTags *ret) {
        for (size_t i = 0; i < wanted->count; i++) {
                const AsgTag *tag = &wanted->items[i], *now = find_tag(there, tag->key);

                if (!now || !text_equal(now->value, tag->value) || now->propagate != tag->propagate)
                        asg_tags_add(ret, tag->key, tag->value, tag->propagate);
        }
}

static void tell(const Ec2Work *work, const char *what, const char *group, const AsgTags *tags) {
        CLEANUP(text_clear) Text keys = { 0 };

        for (size_t i = 0; i < tags->count; i++)
                if (!is_marker(tags->items[i].key))
                        text_appendf(&keys, "%s%s", keys.length > 0 ? ", " : "", tags->items[i].key);
        if (keys.length > 0)
                work_log(work, "Auto Scaling group %s: %s %s", group, what, keys.data);
}

/* Those that are not wanted go first: until then the markers name them. */
bool group_tags_update(Ec2Work *work, const Ec2App *app, const AutoScalingGroup *group, Error **err) {
        CLEANUP(asg_tags_clear) AsgTags wanted = { 0 }, stale = { 0 }, changed = { 0 };

        find_wanted(app, &wanted);
        add_markers(&wanted);
        find_stale(&group->tags, &wanted, &stale);
        find_changed(&group->tags, &wanted, &changed);
        tell(work, "taking away the tags", group->name, &stale);
        tell(work, "setting the tags", group->name, &changed);
        return asg_delete_tags(work->session, group->name, &stale, err) &&
               asg_put_tags(work->session, group->name, &changed, err);
}
