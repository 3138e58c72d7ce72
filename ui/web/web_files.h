/* The files of the web interface, as Vite made them, built into the program; gzip-compressed. */
#pragma once

#include <stddef.h>

typedef struct WebFile {
        const char
                *name; /* "index.html", "assets/index-1a2b3c4d.js": with a hash of the content in the name */
        const char *type;
        const char *etag; /* without quotes */
        const unsigned char *gzip;
        size_t gzip_length, length; /* bytes; length: of what is in it */
} WebFile;

/* Ends with one without a name; empty when built with -Dweb=false. */
extern const WebFile web_files[];
