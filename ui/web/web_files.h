/* The files of the web interface, as Vite made them. */
#pragma once

#include "ui/embedded_file.h"

/* Ends with one without a name; empty when built with -Dweb=false. */
extern const EmbeddedFile web_files[];
