#include "model/app_module.h"

#include "base/text.h"

const Document *module_find(const Document *app, const char *name) {
        const Document *modules = document_get(app, "modules");

        for (size_t i = 0; i < document_count(modules); i++)
                if (text_equal(document_get_string(document_at(modules, i), "name"), name))
                        return document_at(modules, i);
        return NULL;
}

const char *module_repository(const Document *module) {
        const char *url = document_get_string(module, "source.url");

        return *url ? url : document_get_string(module, "git_repo");
}

bool module_is_in_s3(const Document *module) {
        return text_equal(document_get_string(module, "source.protocol"), "s3");
}
