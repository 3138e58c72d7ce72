/* Tells the service manager how the program stands, by the datagrams of sd_notify(3) and without systemd's
 * library: ready, stopping, a line for `systemctl status`, and that it still moves. Where nobody listens
 * (NOTIFY_SOCKET is not set) nothing is done. Thread-safe. */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

typedef struct ServiceNotify ServiceNotify;

/* environment: where NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are looked for. Never NULL. */
ServiceNotify *service_notify_new(const char *const *environment);
void service_notify_free(ServiceNotify *notify);
CLEANUP_DEFINE(ServiceNotify, service_notify_free);

/* status, here and below: one line for people; NULL: none. */
void service_notify_ready(ServiceNotify *notify, const char *status);
void service_notify_status(ServiceNotify *notify, const char *status);
void service_notify_stopping(ServiceNotify *notify, const char *status);
/* It still moves. */
void service_notify_alive(ServiceNotify *notify);

/* After so long without service_notify_alive() the manager ends the program. 0: it does not look. */
int64_t service_notify_patience_ms(const ServiceNotify *notify);
