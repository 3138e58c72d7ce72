/* The machine that the controller runs on, as /health shows it. Linux. */
#pragma once

#include "json/document.h"
#include "json/schema.h"

/* {"processors", "load_percent", "memory_total_bytes", "memory_available_bytes"}: load_percent is the load of
 * the last minute for each processor, so that 100 is all of them busy. What cannot be found out is left out.
 * To be freed. Thread-safe. */
Document *machine_describe(void);

extern const Schema machine_schema;
