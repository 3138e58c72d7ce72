/* A person's editor on a text: $VISUAL, $EDITOR or vi, on a private file that stays when asked for. */
#pragma once

#include "base/error.h"

typedef struct EditedFile {
        char *path; /* removed by edited_file_clear() unless kept */
        bool kept;
} EditedFile;

/* A file with the text, 0600. */
bool edited_file_make(const char *text, EditedFile *ret, Error **err);

/* Runs the editor and waits; its exit status other than 0 is an error. */
bool edited_file_open(const EditedFile *file, Error **err);

void edited_file_clear(EditedFile *file);
static inline void edited_file_clearp(EditedFile *file) {
        edited_file_clear(file);
}
