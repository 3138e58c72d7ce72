/* Agents as test_interleavings.c plays them, behind the real handling of what agents say. They do their
 * orders one after the other and later than they come, tell what they did when they are connected, and know
 * what they have done already. */
#pragma once

#include "job_lab.h"

#include <pthread.h>

#include "agents/agent_events.h"
#include "model/scaling_group.h"
#include "store/instance_store.h"

enum {
        RUNS = 1000,
        ACTORS_MAX = 6,
        ORDERS_MAX = 32,
        EVENTS_ABOUT = 24, /* of a job: log lines and orders */
        TICK_US = 100,
        QUIET_TICKS = 8,
        REST_TICKS = 40000,
        READY_MS = 60000,
};

typedef struct PlayedOrder {
        char task[ID_MAX], log[ID_MAX], release[ID_MAX];
        Ghost__Order__ActionCase kind;
        int ticks; /* until it is done */
        bool cancelled, done, told, ok;
} PlayedOrder;

typedef struct Actor {
        char id[ID_MAX], instance[ID_MAX];
        char release[ID_MAX];
        bool newcomer, joined, bootstrapped;
        bool away, fails, silent, cannot_undo;
        int joins_at, leaves_at, returns_at; /* events; 0: never */
        PlayedOrder orders[ORDERS_MAX];
        int count;
} Actor;

/* In shared memory: it outlives a controller that is killed. */
typedef struct World {
        Actor actors[ACTORS_MAX];
        int count;
        int cancel_at, stop_at; /* events; 0: never */
        char job[ID_MAX];
        uint64_t random;
        uint64_t delays; /* of orders, two bits each */
} World;

static World *world;
static pthread_mutex_t world_lock = PTHREAD_MUTEX_INITIALIZER;
static AgentEvents events;
static uint64_t seed; /* of the run */

static unsigned chance(unsigned sides) {
        world->random ^= world->random << 13;
        world->random ^= world->random >> 7;
        world->random ^= world->random << 17;
        return (unsigned) (world->random >> 20) % sides;
}

static int events_so_far(void) {
        return __atomic_load_n(&lab.shared->events, __ATOMIC_SEQ_CST);
}

/* ---- what the link does ---- */

static Actor *actor_of(const char *agent_id) {
        for (int i = 0; i < world->count; i++)
                if (strcmp(world->actors[i].id, agent_id) == 0)
                        return &world->actors[i];
        return NULL;
}

static bool actor_connected(void *context, const char *agent_id) {
        const Actor *actor = actor_of(agent_id);

        (void) context;
        return actor && actor->joined && !__atomic_load_n(&actor->away, __ATOMIC_SEQ_CST);
}

static void copy(char *ret, const char *text) {
        memmove(ret, text, strnlen(text, ID_MAX - 1) + 1);
}

static void read_order(const Ghost__Order *order, PlayedOrder *ret) {
        *ret = (PlayedOrder){ .kind = order->action_case };
        copy(ret->task, order->task_id);
        copy(ret->log, order->job_id);
        if (order->action_case == GHOST__ORDER__ACTION_DEPLOY_MODULE)
                copy(ret->release, order->deploy_module->manifest_sha256);
        else if (order->action_case == GHOST__ORDER__ACTION_RESTORE_MODULE)
                copy(ret->release, order->restore_module->manifest_sha256);
        else if (order->bootstrap->n_modules > 0)
                copy(ret->release, order->bootstrap->modules[0]->manifest_sha256);
}

/* One that it has already is told again. */
static void queue_order(Actor *actor, const PlayedOrder *order) {
        for (int i = 0; i < actor->count; i++)
                if (strcmp(actor->orders[i].task, order->task) == 0) {
                        actor->orders[i].told = false;
                        return;
                }
        assert_true(actor->count < ORDERS_MAX);
        actor->orders[actor->count] = *order;
        actor->orders[actor->count].ticks = (int) (world->delays >> (2 * (actor->count % 30)) & 3);
        actor->count++;
}

static bool give_task(void *context, const char *agent_id, const Ghost__Task *task) {
        Ghost__Order *order = ghost__order__unpack(NULL, task->order.len, task->order.data);
        PlayedOrder read;

        (void) context;
        read_order(order, &read);
        ghost__order__free_unpacked(order, NULL);
        pthread_mutex_lock(&world_lock);
        Actor *actor = actor_of(agent_id);
        bool connected = actor && actor_connected(NULL, agent_id);
        if (connected)
                queue_order(actor, &read);
        pthread_mutex_unlock(&world_lock);
        count_event();
        return connected;
}

static void give_cancel(void *context, const char *agent_id, const char *task_id) {
        (void) context;
        pthread_mutex_lock(&world_lock);
        Actor *actor = actor_of(agent_id);
        for (int i = 0; actor_connected(NULL, agent_id) && i < actor->count; i++)
                if (strcmp(actor->orders[i].task, task_id) == 0)
                        actor->orders[i].cancelled = true;
        pthread_mutex_unlock(&world_lock);
}

/* ---- what an agent does ---- */

static Ghost__ModuleState state_of(Actor *actor) {
        Ghost__ModuleState state = GHOST__MODULE_STATE__INIT;

        state.module = (char *) "site";
        state.manifest_sha256 = actor->release;
        return state;
}

static void report(Actor *actor) {
        Ghost__ModuleState state = state_of(actor), *states[] = { &state };
        Ghost__Report message = GHOST__REPORT__INIT;

        message.bootstrapped = actor->bootstrapped;
        message.modules = states;
        message.n_modules = 1;
        agent_events_for_hub(&events).report(&events, actor->id, &message);
}

static void tell(Actor *actor, const PlayedOrder *order) {
        Ghost__ModuleState state = state_of(actor), *states[] = { &state };
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;

        receipt.task_id = (char *) order->task;
        receipt.job_id = (char *) order->log;
        receipt.ok = order->ok;
        receipt.kind = order->ok          ? GHOST__ERROR_KIND__ERROR_KIND_NONE
                       : order->cancelled ? GHOST__ERROR_KIND__ERROR_KIND_CANCELLED
                                          : GHOST__ERROR_KIND__ERROR_KIND_INVALID;
        receipt.message = (char *) (order->ok          ? ""
                                    : order->cancelled ? "cancelled"
                                                       : "post_deploy exited with code 3");
        receipt.modules = states;
        receipt.n_modules = 1;
        assert_ok(agent_events_for_hub(&events).receipt(&events, actor->id, &receipt, err));
}

static bool can(const Actor *actor, const PlayedOrder *order) {
        if (order->kind == GHOST__ORDER__ACTION_RESTORE_MODULE)
                return !actor->cannot_undo;
        return !order->cancelled && !(actor->fails && order->kind == GHOST__ORDER__ACTION_DEPLOY_MODULE);
}

/* In the order in which they came. True: it has done one. */
static bool work(Actor *actor) {
        bool worked = false;

        pthread_mutex_lock(&world_lock);
        for (int i = 0; i < actor->count && !worked; i++) {
                PlayedOrder *order = &actor->orders[i];

                if (order->done)
                        continue;
                if (order->ticks-- > 0 ||
                    (actor->silent && !order->cancelled && order->kind == GHOST__ORDER__ACTION_DEPLOY_MODULE))
                        break;
                order->ok = can(actor, order);
                if (order->ok)
                        copy(actor->release, order->release);
                if (order->ok && order->kind == GHOST__ORDER__ACTION_BOOTSTRAP)
                        actor->bootstrapped = true;
                worked = order->done = true;
        }
        pthread_mutex_unlock(&world_lock);
        return worked;
}

/* A copy: the controller gives orders from its own threads, also while it is told of one. */
static bool next_untold(Actor *actor, PlayedOrder *ret) {
        bool found = false;

        pthread_mutex_lock(&world_lock);
        for (int i = 0; i < actor->count && !found; i++)
                if (actor->orders[i].done && !actor->orders[i].told) {
                        actor->orders[i].told = found = true;
                        *ret = actor->orders[i];
                }
        pthread_mutex_unlock(&world_lock);
        return found;
}

static void tell_all(Actor *actor) {
        PlayedOrder order;

        while (next_untold(actor, &order))
                tell(actor, &order);
}

static void connect_actor(Actor *actor) {
        Ghost__Hello hello = GHOST__HELLO__INIT;

        __atomic_store_n(&actor->away, false, __ATOMIC_SEQ_CST);
        hello.agent_id = actor->id;
        hello.agent_version = (char *) "1";
        agent_events_for_hub(&events).connected(&events, &hello, "127.0.0.1");
        tell_all(actor);
        report(actor);
}

static void leave(Actor *actor) {
        __atomic_store_n(&actor->away, true, __ATOMIC_SEQ_CST);
        agent_events_for_hub(&events).disconnected(&events, actor->id, "it left");
}

static void join(Actor *actor) {
        const Agent agent = { .id = actor->id,
                              .app_id = lab.app_id,
                              .instance_id = actor->instance,
                              .fingerprint = (char *) "f" };
        CLEANUP(agent_clear) Agent there = { 0 };
        bool found = false;
        CLEANUP(document_free)
        Document *members = parse(xasprintf(
                "{\"app_id\":\"%s\",\"agent_id\":\"%s\",\"state\":\"%s\",\"purpose\":\"%s\"}", lab.app_id,
                actor->id, actor->newcomer ? "enrolled" : "ready",
                actor->newcomer ? JOIN_PURPOSE_GROUP : "instance"));

        assert_ok(agent_store_find_by_instance(lab.services.store, actor->instance, &there, &found, err));
        if (!found) /* else from before the controller was killed */
                assert_ok(agent_store_insert(lab.services.store, &agent, err));
        assert_ok(instance_store_put(lab.services.store, actor->instance, members, err));
        actor->joined = true;
        connect_actor(actor);
}
