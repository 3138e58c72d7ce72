/* The address of a repository without what differs between the ways of writing it. */
#pragma once

#include <stdbool.h>

/* "github.com/shop/site" for https://GitHub.com/shop/site.git/, git@github.com:shop/site, ssh://…, git://…:
 * no scheme, login, usual port, ".git" or slash at the end, the host in lower case. "" for what is no
 * address. Caller frees. */
char *repository_key(const char *url);

bool repository_same(const char *a, const char *b);
