#include "api/instance_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/job.h"
#include "store/collection.h"

static void stream_closep(FILE **stream) {
        if (*stream)
                (void) fclose(*stream);
}

static bool cannot(const char *folder, Error **err) {
        return error_set(err, ERROR_UNAVAILABLE, "cannot gather the log in %s: %m", folder);
}

/* *ret stays NULL when there is none. */
static bool open_log(const Services *services, const char *id, FILE **ret, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s.txt", services->logs_folder, id);

        *ret = fopen(path, "re");
        return *ret || errno == ENOENT || error_set(err, ERROR_UNAVAILABLE, "cannot read %s: %m", path);
}

/* Its name is gone at once: whatever becomes of us, nothing stays. */
static FILE *open_scratch(const char *folder) {
        CLEANUP(free) char *path = xasprintf("%s/.instance-XXXXXX", folder);
        CLEANUP(file_close) int fd = mkostemp(path, O_CLOEXEC);
        FILE *scratch = NULL;

        if (fd < 0)
                return NULL;
        (void) unlink(path);
        scratch = fdopen(fd, "w+");
        if (scratch)
                fd = -1;
        return scratch;
}

static bool is_of_name(char character) {
        return strchr("abcdefghijklmnopqrstuvwxyz0123456789-", character) && character;
}

/* An agent's line is its own instance's, whatever is in it; one of the controller is of all that it names. */
static bool is_about(const char *line, size_t length, const char *instance_id) {
        CLEANUP(free) char *mark = xasprintf("[%s] ", instance_id);
        size_t size = strlen(instance_id);
        const char *at = line;

        if (length > 0 && *line == '[')
                return length >= strlen(mark) && memcmp(line, mark, strlen(mark)) == 0;
        for (; (at = memmem(at, length - (size_t) (at - line), instance_id, size)); at++)
                if ((at == line || !is_of_name(at[-1])) &&
                    (at + size == line + length || !is_of_name(at[size])))
                        return true;
        return false;
}

/* instance_id NULL: all of it. A line that is not whole yet is left for the next look. */
static bool copy_lines(FILE *from, const char *instance_id, FILE *to) {
        CLEANUP(free) char *line = NULL;
        size_t room = 0;

        for (ssize_t length; (length = getline(&line, &room, from)) > 0;) {
                if (line[length - 1] != '\n')
                        break;
                if ((!instance_id || is_about(line, (size_t) length, instance_id)) &&
                    fwrite(line, 1, (size_t) length, to) != (size_t) length)
                        return false;
        }
        return !ferror(from);
}

/* A job that is gone says nothing more either. */
static bool is_over(Store *store, const char *job_id, bool *ret, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(error_free) Error *why = NULL;

        *ret = true;
        if (collection_get(store, COLLECTION_JOBS, job_id, &job, &why)) {
                const char *status = document_get_string(job, "status");
                *ret = !text_equal(status, names_word(&job_status_names, JOB_PENDING)) &&
                       !text_equal(status, names_word(&job_status_names, JOB_STARTED));
                return true;
        }
        return error_kind(why) == ERROR_NOT_FOUND ||
               error_set(err, error_kind(why), "%s", error_message(why));
}

static bool gather(const Document *instance, FILE *job, FILE *own, FILE *to) {
        return (!job || copy_lines(job, document_get_string(instance, "instance_id"), to)) &&
               (!own || copy_lines(own, NULL, to)) && fflush(to) == 0;
}

bool instance_log_open(const Services *services, const Document *instance, int *ret_fd, Error **err) {
        const char *job_id = document_get_string(instance, "job_id");
        CLEANUP(stream_close) FILE *job = NULL;
        CLEANUP(stream_close) FILE *own = NULL;
        CLEANUP(stream_close) FILE *all = NULL;
        bool over = true;

        *ret_fd = -1;
        /* Asked before its log is read: what it says last is read then. */
        if (!text_empty(job_id) &&
            (!is_over(services->store, job_id, &over, err) || !open_log(services, job_id, &job, err)))
                return false;
        if (over && !open_log(services, document_get_string(instance, "_id"), &own, err))
                return false;
        if (!job && !own)
                return true;
        all = open_scratch(services->logs_folder);
        if (!all || !gather(instance, job, own, all))
                return cannot(services->logs_folder, err);
        if (ftell(all) == 0)
                return true;
        *ret_fd = fcntl(fileno(all), F_DUPFD_CLOEXEC, 0);
        return *ret_fd >= 0 || cannot(services->logs_folder, err);
}
