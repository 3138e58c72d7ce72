/* A backup as a file: the contents of files, then manifest.json with the size and the SHA-256 of each, then
 * the SHA-256 of that. An archive without these last parts, or with anything else than they say, is none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define ARCHIVE_MANIFEST "manifest.json"
#define ARCHIVE_MANIFEST_SUM "manifest.json.sha256" /* as sha256sum writes it */
enum { ARCHIVE_FORMAT = 1 };

/* What the manifest says besides the files. */
typedef struct ArchiveFacts {
        char *version;  /* of the program that made it */
        char *made;     /* 2026-11-22T23:24:38Z */
        int64_t schema; /* of the database in it */
        bool without_packages;
        size_t files;
        uint64_t bytes; /* of their contents */
} ArchiveFacts;
void archive_facts_clear(ArchiveFacts *facts);
static inline void archive_facts_clearp(ArchiveFacts *facts) {
        archive_facts_clear(facts);
}

/* How far something long has got. */
typedef struct ArchiveProgress {
        void (*tell)(
                void *context, uint64_t bytes); /* done since the last time; NULL: nobody wants to know */
        void *context;
} ArchiveProgress;

typedef struct ArchiveWriter ArchiveWriter;
/* A new file at path, mode 0600. */
ArchiveWriter *archive_writer_new(const char *path, const ArchiveProgress *progress, Error **err);
/* The first size bytes of an open file. */
bool archive_writer_add(
        ArchiveWriter *writer, const char *name, int fd, uint64_t size, unsigned mode, Error **err);
/* Writes the manifest; all is on the disk when it returns true. files and bytes of facts are not read. */
bool archive_writer_finish(ArchiveWriter *writer, const ArchiveFacts *facts, Error **err);
/* The file stays as it is. */
void archive_writer_free(ArchiveWriter *writer);
CLEANUP_DEFINE(ArchiveWriter, archive_writer_free);

/* Takes what is read, in order; nothing of it is proved before archive_read() has returned true. */
typedef struct ArchiveVisitor {
        bool (*begin)(void *context, const char *name, uint64_t size, unsigned mode, Error **err);
        bool (*bytes)(void *context, const void *bytes, size_t length, Error **err);
        bool (*end)(void *context, Error **err);
        void *context;
} ArchiveVisitor;

/* Reads and proves the whole archive. visitor may be NULL. Caller clears *ret. */
bool archive_read(
        const char *path, const ArchiveVisitor *visitor, const ArchiveProgress *progress, ArchiveFacts *ret,
        Error **err);
