/* YAML as another spelling of a Document. By libyaml. */
#pragma once

#include <stdio.h>

#include "json/document.h"

bool yaml_print(const Document *document, FILE *out, Error **err);

/* One document; anchors, tags and merge keys are refused. Plain scalars follow YAML's JSON-like rules. */
/* yaml_read_text(): all scalars are strings, as they are written: a version 8.10 is not the number 8.1. */
Document *yaml_read_text(const char *text, size_t length, Error **err);
Document *yaml_read(const char *text, size_t length, Error **err);
