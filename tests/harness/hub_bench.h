/* A hub with an authority, whose events are counted and can be held up, refused and slowed down. */
#pragma once

#include <stdatomic.h>

#include "harness/test_agent_link.h"
#include "hub/hub.h"

enum { HUB_BENCH_WAIT_MS = 5000 };

/* A hub, and what its events saw. */
typedef struct HubBench {
        TestAuthority *authority; /* its client certificate is agent-1's */
        Hub *hub;
        atomic_int connected, disconnected, batches, receipts, reports;
        atomic_bool refuse_agent, fail_storage;
        atomic_int slow_ms;
        atomic_bool hold; /* enrolments wait */
        atomic_int held;
} HubBench;

/* Set up and tear down. Impatient: agents are soon missed, and few strangers of an address are let in.
 * Patient: whoever connects has time to say who it is. */
int hub_bench_start(void **state);
int hub_bench_start_impatient(void **state);
int hub_bench_start_patient(void **state);
int hub_bench_stop(void **state);

/* Within the time that tests wait. */
bool hub_bench_reaches(atomic_int *value, int wanted);
/* With agent-1's certificate; it has not said anything yet. */
TestAgent *hub_bench_dial(HubBench *bench);
/* As agent-1, and welcome. */
TestAgent *hub_bench_connect_agent(HubBench *bench);

#define HUB_TEST(function) cmocka_unit_test_setup_teardown(function, hub_bench_start, hub_bench_stop)
#define HUB_TEST_IMPATIENT(function)                                                                         \
        cmocka_unit_test_setup_teardown(function, hub_bench_start_impatient, hub_bench_stop)
#define HUB_TEST_PATIENT(function)                                                                           \
        cmocka_unit_test_setup_teardown(function, hub_bench_start_patient, hub_bench_stop)
