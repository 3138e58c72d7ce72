/* Provisioner package: a feature is a package of the distribution, its version, when given, exactly that. */
#include <string.h>

#include "base/memory.h"
#include "jobs/provisioners/provisioner.h"

static const char install[] =
        "#!/bin/sh\n"
        "set -eu\n"
        "name=$GHOST_FEATURE_NAME version=$GHOST_FEATURE_VERSION\n"
        "if command -v apt-get >/dev/null; then\n"
        "        export DEBIAN_FRONTEND=noninteractive\n"
        "        apt-get -q -o DPkg::Lock::Timeout=300 update\n"
        "        apt-get -qy -o DPkg::Lock::Timeout=300 install \"$name${version:+=$version}\"\n"
        "elif command -v dnf >/dev/null; then\n"
        "        dnf -y install \"$name${version:+-$version}\"\n"
        "elif command -v yum >/dev/null; then\n"
        "        yum -y install \"$name${version:+-$version}\"\n"
        "else\n"
        "        echo \"package $name: there is no apt-get, dnf or yum\" >&2\n"
        "        exit 1\n"
        "fi\n";

static bool is_configured(const FeatureSettings *settings) {
        (void) settings;
        return true;
}

static bool add(
        const ImageContent *content, const FeatureGroup *features, ProvisionScripts *scripts, Error **err) {
        for (size_t i = 0; i < features->count; i++) {
                const ImageFeature *feature = features->items[i];
                CLEANUP(free) char *name = xasprintf("package %s", feature->name);

                if (*feature->name == '-') /* an option to all of the tools */
                        return error_set(
                                err, ERROR_INVALID, "feature name '%s' is no package's", feature->name);
                ProvisionScript *script = provision_scripts_add(
                        scripts, name, xstrdup(install), sizeof(install) - 1, content->environment);
                string_list_addf(&script->environment, "GHOST_FEATURE_NAME=%s", feature->name);
                string_list_addf(
                        &script->environment, "GHOST_FEATURE_VERSION=%s",
                        feature->version ? feature->version : "");
        }
        return true;
}

const Provisioner provisioner_package = { .name = "package", .is_configured = is_configured, .add = add };
