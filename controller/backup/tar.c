#include "backup/tar.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { LARGE_SIZE = 0x80, OCTAL_DIGITS = 11, MODE_BITS = 07777 };

typedef struct Header {
        char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link_name[100];
        char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
} Header;
_Static_assert(sizeof(Header) == TAR_BLOCK_BYTES, "a header is one block");

bool tar_path_is_safe(const char *path) {
        CLEANUP(string_list_clear) StringList parts = { 0 };

        if (!*path || strlen(path) > TAR_PATH_MAX)
                return false;
        for (const char *at = path; *at; at++)
                if ((unsigned char) *at < ' ' || *at == 0x7f)
                        return false;
        text_split(path, '/', &parts);
        for (size_t i = 0; i < parts.count; i++)
                if (text_empty(parts.items[i]) || text_equal(parts.items[i], ".") ||
                    text_equal(parts.items[i], ".."))
                        return false;
        return true;
}

/* Where the name begins when what is before goes into the prefix; NULL: nowhere. */
static const char *name_part(const char *path) {
        size_t length = strlen(path);

        if (length <= sizeof(((Header *) NULL)->name))
                return path;
        for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                size_t before = (size_t) (slash - path);
                if (before > sizeof(((Header *) NULL)->prefix))
                        return NULL;
                if (length - before - 1 <= sizeof(((Header *) NULL)->name))
                        return slash + 1;
        }
        return NULL;
}

/* Octal with a NUL, or, of what is too large for it, the bytes of the number behind a mark (as GNU tar). */
static void put_number(char *field, size_t size, uint64_t value) {
        char digits[24];

        int length = snprintf(digits, sizeof(digits), "%0*" PRIo64, (int) size - 1, value);
        if (length == (int) size - 1) {
                memcpy(field, digits, size);
                return;
        }
        memset(field, 0, size);
        field[0] = (char) LARGE_SIZE;
        for (size_t i = 0; i < sizeof(value); i++)
                field[size - 1 - i] = (char) (value >> (8 * i));
}

static bool get_number(const char *field, size_t size, uint64_t *ret) {
        size_t digits = 0;

        *ret = 0;
        if ((unsigned char) field[0] == LARGE_SIZE && size > sizeof(*ret)) {
                for (size_t i = size - sizeof(*ret); i < size; i++)
                        *ret = *ret << 8 | (unsigned char) field[i];
                return *ret <= INT64_MAX;
        }
        while (digits < size && field[digits] >= '0' && field[digits] <= '7')
                *ret = *ret * 8 + (uint64_t) (field[digits++] - '0');
        return digits > 0 && digits <= OCTAL_DIGITS &&
               (digits == size || !field[digits] || field[digits] == ' ');
}

/* Of the header as if the checksum were blanks. */
static unsigned checksum_of(const Header *header) {
        const unsigned char *bytes = (const unsigned char *) header;
        unsigned sum = 0;

        for (size_t i = 0; i < sizeof(*header); i++) {
                bool own = i >= offsetof(Header, checksum) && i < offsetof(Header, type);
                sum += own ? ' ' : bytes[i];
        }
        return sum;
}

bool tar_header_make(const TarEntry *entry, int64_t time_us, uint8_t ret[TAR_BLOCK_BYTES], Error **err) {
        const char *name = name_part(entry->path);
        Header header = { .type = '0', .magic = "ustar", .version = { '0', '0' } };

        if (!name || !tar_path_is_safe(entry->path))
                return error_set(err, ERROR_INVALID, "'%s' cannot be named in an archive", entry->path);
        memcpy(header.name, name, strlen(name));
        if (name != entry->path)
                memcpy(header.prefix, entry->path, (size_t) (name - entry->path) - 1);
        put_number(header.mode, sizeof(header.mode), entry->mode & MODE_BITS);
        put_number(header.uid, sizeof(header.uid), 0);
        put_number(header.gid, sizeof(header.gid), 0);
        put_number(header.size, sizeof(header.size), entry->size);
        put_number(header.mtime, sizeof(header.mtime), (uint64_t) (time_us / 1000000));
        put_number(header.checksum, sizeof(header.checksum) - 1, checksum_of(&header));
        header.checksum[sizeof(header.checksum) - 1] = ' ';
        memcpy(ret, &header, sizeof(header));
        return true;
}

static bool read_path(const Header *header, TarEntry *ret) {
        int length = header->prefix[0] ? snprintf(
                                                 ret->path, sizeof(ret->path), "%.*s/%.*s",
                                                 (int) sizeof(header->prefix), header->prefix,
                                                 (int) sizeof(header->name), header->name)
                                       : snprintf(
                                                 ret->path, sizeof(ret->path), "%.*s",
                                                 (int) sizeof(header->name), header->name);

        return length > 0 && length <= TAR_PATH_MAX;
}

static bool is_zero(const uint8_t block[TAR_BLOCK_BYTES]) {
        for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
                if (block[i])
                        return false;
        return true;
}

bool tar_header_read(const uint8_t block[TAR_BLOCK_BYTES], TarEntry *ret, bool *ret_end, Error **err) {
        uint64_t sum = 0, mode = 0;
        Header header;

        *ret = (TarEntry){ 0 };
        *ret_end = is_zero(block);
        if (*ret_end)
                return true;
        memcpy(&header, block, sizeof(header));
        if (memcmp(header.magic, "ustar", sizeof(header.magic)) != 0 ||
            !get_number(header.checksum, sizeof(header.checksum), &sum) || sum != checksum_of(&header))
                return error_set(err, ERROR_INVALID, "not an archive, or a damaged one");
        if ((header.type != '0' && header.type != '\0') || !read_path(&header, ret) ||
            !tar_path_is_safe(ret->path) || !get_number(header.mode, sizeof(header.mode), &mode) ||
            !get_number(header.size, sizeof(header.size), &ret->size))
                return error_set(err, ERROR_INVALID, "it holds something that no backup holds");
        ret->mode = (unsigned) mode & MODE_BITS;
        return true;
}
