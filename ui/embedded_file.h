/* Files that the build puts into a program, gzip-compressed: the web pages and the documentation. */
#pragma once

#include <stddef.h>

typedef struct EmbeddedFile {
        const char
                *name; /* "index.html", "assets/index-1a2b3c4d.js": with a hash of the content in the name */
        const char *type;
        const char *etag; /* without quotes */
        const unsigned char *gzip;
        size_t gzip_length, length; /* bytes; length: of what is in it */
} EmbeddedFile;
