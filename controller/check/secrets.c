/* Files with secrets: of whom they are, and who else can read them. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "check/check.h"

enum { MODE_BITS = 0777, OTHERS_BITS = 0077 };

static const char *const in_data_folder[] = { "ghost.db", "tls/ca.key", "tls/release.key", "tls/server.key" };

/* 1: wrong, and said. */
static int look_at(CheckContext *check, const char *path, const struct stat *folder) {
        struct stat facts;

        if (stat(path, &facts) < 0)
                return 0; /* made at the first start, or missed by another check */
        if (facts.st_mode & OTHERS_BITS) {
                finding_problem(
                        check->findings, "chmod 600 it", "%s holds secrets and has mode %04o", path,
                        (unsigned) facts.st_mode & MODE_BITS);
                return 1;
        }
        if (folder && facts.st_uid != folder->st_uid) {
                finding_problem(
                        check->findings, "chown it to the owner of the data folder",
                        "%s belongs to user %u, the data folder to %u", path, (unsigned) facts.st_uid,
                        (unsigned) folder->st_uid);
                return 1;
        }
        return 0;
}

static void run(CheckContext *check) {
        const ControllerSettings *settings = check->settings;
        struct stat folder;
        int wrong = 0;

        if (stat(settings->data_dir, &folder) == 0) {
                for (size_t i = 0; i < sizeof(in_data_folder) / sizeof(in_data_folder[0]); i++) {
                        CLEANUP(free) char *path = xasprintf("%s/%s", settings->data_dir, in_data_folder[i]);
                        wrong += look_at(check, path, &folder);
                }
                if (folder.st_mode & S_IWOTH) {
                        finding_problem(
                                check->findings, "chmod 750 it", "everybody can write in %s",
                                settings->data_dir);
                        wrong++;
                }
        }
        if (settings->http_key)
                wrong += look_at(check, settings->http_key, NULL);
        if (wrong == 0)
                finding_good(check->findings, "keys and database are private");
}

const Check secrets_check = { "secrets", run };
