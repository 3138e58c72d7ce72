/* Room for logs and packages, and the right to use it. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "check/check.h"

/* Below the first nothing works any more (/health says so); below the second it is time to do something. */
#define ROOM_NEEDED (64ULL << 20)
#define ROOM_WANTED (2ULL << 30)
enum { INODES_WANTED = 10000, MIB = 20 };

static void check_room(CheckContext *check, const char *folder) {
        CLEANUP(error_free) Error *why = NULL;
        struct statvfs facts;
        uint64_t room = 0;

        if (!file_free_bytes(folder, &room, &why) || statvfs(folder, &facts) < 0) {
                finding_problem(check->findings, "look at the file system", "%s", error_message(why));
                return;
        }
        unsigned long long mebibytes = (unsigned long long) room >> MIB;
        if (room < ROOM_NEEDED)
                finding_problem(
                        check->findings, "free some, or make the disk larger: jobs fail without room",
                        "%s has only %llu MiB free", folder, mebibytes);
        else if (room < ROOM_WANTED)
                finding_warning(
                        check->findings, "free some, or make the disk larger", "%s has only %llu MiB free",
                        folder, mebibytes);
        else if (facts.f_files > 0 && facts.f_favail < INODES_WANTED)
                finding_warning(
                        check->findings, "remove small files: there is room, but none for more files",
                        "%s has only %llu inodes left", folder, (unsigned long long) facts.f_favail);
        else
                finding_good(check->findings, "%s has %llu MiB free", folder, mebibytes);
}

static void run(CheckContext *check) {
        const char *folder = check->settings->data_dir;
        struct stat facts;

        if (stat(folder, &facts) < 0) {
                if (errno == ENOENT)
                        finding_warning(
                                check->findings,
                                "the controller makes it at its first start; is data_dir what you mean?",
                                "there is no data folder %s", folder);
                else
                        finding_problem(
                                check->findings, "run the check as the controller's user", "%s: %s", folder,
                                strerror(errno));
                return;
        }
        if (access(folder, W_OK | X_OK) < 0)
                finding_problem(
                        check->findings, "run the check as the controller's user, or give the folder to it",
                        "%s cannot be written: %s", folder, strerror(errno));
        check_room(check, folder);
}

const Check disk_check = { "disk", run };
