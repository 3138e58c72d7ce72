#include "jobs/steps/boot_hooks.h"

#include "base/memory.h"
#include "store/boot_hook_store.h"

static const char *const members[] = { "lifecycle_hooks", "env_vars" };

static void copy_member(const Document *from, const char *name, Document *to) {
        const Document *member = document_get_member(from, name);

        document_remove(to, name);
        if (member)
                document_set(to, name, document_copy(member));
}

static Document *read_content(const Document *app) {
        Document *content = document_object();

        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
                copy_member(app, members[i], content);
        return content;
}

bool boot_hooks_update(Store *store, const char *app_id, const Document *app, Error **err) {
        CLEANUP(document_free) Document *content = read_content(app);

        return boot_hook_store_put(store, app_id, content, err);
}

/* Two first bootstraps side by side, and an edit between them: both get what the first one took. */
static bool take_first(Store *store, const char *app_id, const Document *app, Document **ret, Error **err) {
        CLEANUP(document_free) Document *content = read_content(app);

        return boot_hook_store_put_first(store, app_id, content, err) &&
               boot_hook_store_get(store, app_id, ret, err);
}

bool boot_hooks_apply(Store *store, const char *app_id, const Document *app, Document **ret, Error **err) {
        CLEANUP(document_free) Document *content = NULL;

        if (!boot_hook_store_get(store, app_id, &content, err) ||
            (!content && !take_first(store, app_id, app, &content, err)))
                return false;
        *ret = document_copy(app);
        for (size_t i = 0; content && i < sizeof(members) / sizeof(members[0]); i++)
                copy_member(content, members[i], *ret);
        return true;
}
