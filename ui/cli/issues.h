/* What is wrong with a document, field by field, as the controller (or the same field table here) says it. */
#pragma once

#include "base/text.h"
#include "json/document.h"

/* {"modules":{"0":{"path":"required field"}}} as "\n  modules.0.path: required field", one a line. */
void issues_list(const Document *issues, Text *text);
