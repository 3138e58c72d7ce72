/* libcurl's one-time start in this process, for the files of this folder that use it. */
#pragma once

void curl_start(void);
