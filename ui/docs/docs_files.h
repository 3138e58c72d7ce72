/* The documentation as pages, made of docs/ (*.md), with the Markdown itself. */
#pragma once

#include "ui/embedded_file.h"

/* Ends with one without a name; empty when built with -Ddocs=false. */
extern const EmbeddedFile docs_files[];
