/* The database: whole, and of a version that this program reads. */
#include "base/file.h"
#include "base/memory.h"
#include "check/check.h"
#include "store/store_copy.h"

static void run(CheckContext *check) {
        CLEANUP(free) char *path = xasprintf("%s/ghost.db", check->settings->data_dir);
        CLEANUP(store_facts_clear) StoreFacts facts = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        if (!file_exists(path)) {
                finding_warning(
                        check->findings, "it is made at the first start; if there was one, restore a backup",
                        "there is no database at %s", path);
                return;
        }
        if (!store_examine(path, false, &facts, &why))
                finding_problem(
                        check->findings, "run the check as the controller's user", "%s", error_message(why));
        else if (facts.damage)
                finding_problem(
                        check->findings,
                        "stop the controller, keep the file, and restore the last good backup "
                        "(ghost-controller restore)",
                        "%s is damaged: %s", path, facts.damage);
        else if (facts.schema > facts.schema_known)
                finding_problem(
                        check->findings, "install the newer Ghost again: this one will not start",
                        "%s is of a newer Ghost (%lld, this one knows %lld)", path, (long long) facts.schema,
                        (long long) facts.schema_known);
        else if (facts.schema < facts.schema_known)
                finding_warning(
                        check->findings, "take a backup: the next start brings it up to date, for good",
                        "%s is of an older Ghost (%lld, this one has %lld)", path, (long long) facts.schema,
                        (long long) facts.schema_known);
        else
                finding_good(
                        check->findings, "%s is whole and of version %lld", path, (long long) facts.schema);
}

const Check database_check = { "database", run };
