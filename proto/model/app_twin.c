#include "model/app_twin.h"

#include "base/memory.h"
#include "model/app.h"

bool app_wants_twin(const Document *app) {
        return document_get_bool(app, "blue_green.enable_blue_green") &&
               document_get_string(app, "blue_green.color")[0] == '\0';
}

bool app_gives_up_twin(const Document *patch) {
        const Document *enable = document_get(patch, "blue_green.enable_blue_green");

        return document_is_bool(enable) && !document_is_true(enable);
}

static void set_half(Document *app, const char *color, bool online, const char *other_id) {
        Document *half = document_copy(document_get(app, "blue_green"));

        document_set_bool(half, "enable_blue_green", true);
        document_set_string(half, "color", color);
        document_set_bool(half, "is_online", online);
        document_set_string(half, "alter_ego_id", other_id);
        document_set(app, "blue_green", half);
}

void app_make_blue(Document *app, const char *twin_id) {
        set_half(app, "blue", true, twin_id);
}

void app_make_green(Document *twin, const char *app_id) {
        set_half(twin, "green", false, app_id);
}

Document *app_make_twin(const Document *app, const char *app_id, const char *twin_id, const char *user) {
        Document *twin = app_new_document(app, user);

        app_make_green(twin, app_id);
        document_set_string(twin, "_id", twin_id);
        return twin;
}
