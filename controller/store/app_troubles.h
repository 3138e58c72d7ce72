/* What keeps the controller from looking after applications' instances: a permission that is missing, an AWS
 * that does not answer. Only of now, so it is in memory; of more than a few hundred the newest. Thread-safe.
 */
#pragma once

#include <stdint.h>

#include "base/memory.h"
#include "json/document.h"

typedef struct AppTroubles AppTroubles;

AppTroubles *app_troubles_new(void);
void app_troubles_free(AppTroubles *troubles);
CLEANUP_DEFINE(AppTroubles, app_troubles_free);

/* instance_id: NULL where it is not about one. Told again, it is known since the first time; the number of
 * AWS's request, which is another each time, makes no difference. */
void app_troubles_tell(
        AppTroubles *troubles, const Document *app, const char *instance_id, const char *message);
/* What was not told again since then (clock_monotonic_ms()) is over. */
void app_troubles_forget_before(AppTroubles *troubles, int64_t since_ms);
/* All of that application is over. */
void app_troubles_forget_app(AppTroubles *troubles, const char *app_id);
/* A list of {app_id, group, instance_id, trouble, since}; the caller frees it. */
Document *app_troubles_describe(AppTroubles *troubles);
