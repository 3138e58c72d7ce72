/* Whether what an order wanted checked was checked. An agent that is too old for health checks leaves them
 * out and says that all went well: only its receipt, which names no check, tells. */
#pragma once

#include "base/text.h"
#include "wire/ghost.pb-c.h"

/* Adds the modules whose health the order has checked. */
void order_checks_list(const Ghost__Order *order, StringList *ret);
/* Whether a receipt that says ok shows a check of each of them; what is missing, and what to do, goes to ret.
 */
bool order_checks_made(const StringList *modules, const Ghost__Receipt *receipt, Text *ret_why);
