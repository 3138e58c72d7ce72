/* Lines of a job log as the HTML that the original's pages and old clients take (the contract's section 2.6).
 * What comes from the log is escaped; nothing of it becomes a tag. */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* Appends whole lines. A line with a date and a command in it begins a panel; the first of a batch closes
 * none. */
void log_html_append(Text *html, const char *lines, size_t length);
