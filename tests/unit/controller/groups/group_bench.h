/* One group in a scripted AWS, a controller's store, log and task board, and agents that are played. AWS and
 * the agents outlive a controller that is killed: with it in a process of its own, each write of the store,
 * each line of a log, each order and each call that changes AWS is a point at which it may die. */
#pragma once

#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "groups/group_round.h"
#include "groups/group_watcher.h"
#include "harness/json_text.h"
#include "harness/query_parameters.h"
#include "harness/scripted_http.h"
#include "harness/temp_folder.h"
#include "harness/text_assertions.h"
#include "model/scaling_group.h"
#include "store/agent_store.h"
#include "store/breaker_store.h"
#include "store/collection.h"
#include "store/instance_store.h"
#include "store/query.h"

#define PLAYED __attribute__((unused)) static

enum { MEMBERS = 4, TASK_MAX = 40 };

#define APP_ID "0123456789abcdef01234567"
#define OTHER_APP_ID "0123456789abcdef01234568"

/* Looked at and changed by the test and by the threads of AWS and of the watcher. */
typedef struct FakeMember {
        _Atomic AsgInstanceState state; /* "i-1" is the first one */
        atomic_bool absent;             /* not in the group */
        atomic_bool ended;              /* for EC2 */
        atomic_bool ran_out;            /* its hook, as the activities tell */
        atomic_int proceeded, abandoned, heartbeats, unhealthy;
        atomic_bool serving; /* in the group's target group */
} FakeMember;

typedef struct FakeAgent {
        bool away, fails, silent, old; /* old: it knows of no health checks */
        int orders, cancels;
        bool cannot_deploy; /* its deploys fail */
        int deploys;        /* and restores */
        char task[TASK_MAX];
        bool another_task; /* came as well */
} FakeAgent;

/* In shared memory. */
typedef struct Outside {
        FakeMember members[MEMBERS];
        FakeAgent agents[MEMBERS]; /* "a-1" is on "i-1" */
        atomic_bool no_group;      /* AWS knows none */
        atomic_bool balanced;      /* the group has a target group */
        int disturbed;             /* deploys on such as were serving in it */
        atomic_bool suspended;     /* its Launch process */
        atomic_int suspensions;
        atomic_int activity_looks;
        atomic_bool refuses;        /* AWS, all that changes anything */
        atomic_bool refuses_groups; /* … to tell of groups */
        atomic_int events, die_at;  /* 0: never */
        atomic_int controller;      /* its process */
} Outside;

typedef struct GroupBench {
        Outside *outside;
        char *folder;
        SigningKey *key;
        Document *app;
        ScriptedHttp *server;
        Text answer;
        /* the controller's */
        GroupWatcherSpec spec;
        Aws *aws;
        AwsSession session;
} GroupBench;

static Outside *outside; /* for those that get no context */

PLAYED void bench_event(void) {
        if (atomic_fetch_add(&outside->events, 1) + 1 == atomic_load(&outside->die_at))
                kill(atomic_load(&outside->controller), SIGKILL);
}

/* ---- AWS ---- */

PLAYED FakeMember *member_of(const char *id) {
        return &outside->members[id[2] - '1'];
}

PLAYED void tell_group(Text *out) {
        text_append(
                out, "<AnyResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>"
                     "<member><AutoScalingGroupName>web</AutoScalingGroupName>");
        if (outside->balanced)
                text_append(out, "<TargetGroupARNs><member>arn:aws:tg/web</member></TargetGroupARNs>");
        text_append(out, "<Instances>");
        for (int i = 0; i < MEMBERS; i++)
                if (!outside->members[i].absent)
                        text_appendf(
                                out,
                                "<member><InstanceId>i-%d</InstanceId><LifecycleState>%s</LifecycleState>"
                                "<HealthStatus>Healthy</HealthStatus></member>",
                                i + 1, asg_instance_state_word(outside->members[i].state));
        text_appendf(
                out,
                "</Instances><SuspendedProcesses>%s</SuspendedProcesses></member></AutoScalingGroups>"
                "</DescribeAutoScalingGroupsResult></AnyResponse>",
                outside->suspended ? "<member><ProcessName>Launch</ProcessName></member>" : "");
}

PLAYED void tell_instances(Text *out, const char *request) {
        text_append(out, "<AnyResponse><reservationSet><item><instancesSet>");
        for (int i = 1; *sent_at(request, "Filter.1.Value.%d", i); i++) {
                const char *id = sent_at(request, "Filter.1.Value.%d", i);
                bool ended = member_of(id)->ended;
                text_appendf(
                        out,
                        "<item><instanceId>%s</instanceId><instanceState><code>%d</code><name>%s</name>"
                        "</instanceState></item>",
                        id, ended ? 48 : 16, ended ? "terminated" : "running");
        }
        text_append(out, "</instancesSet></item></reservationSet></AnyResponse>");
}

PLAYED void tell_activities(Text *out) {
        text_append(out, "<AnyResponse><DescribeScalingActivitiesResult><Activities>");
        for (int i = 0; i < MEMBERS; i++)
                text_appendf(
                        out,
                        "<member><ActivityId>a%d</ActivityId><Description>Launching a new EC2 instance: "
                        "i-%d</Description><StatusCode>%s</StatusCode><StatusMessage>%s</StatusMessage>"
                        "</member>",
                        i, i + 1, outside->members[i].ran_out ? "Cancelled" : "Successful",
                        outside->members[i].ran_out
                                ? "Instance failed to complete user's Lifecycle Action: Lifecycle Action "
                                  "with token t was abandoned: Heartbeat Timeout"
                                : "");
        text_append(out, "</Activities></DescribeScalingActivitiesResult></AnyResponse>");
}

PLAYED void tell_targets(Text *out) {
        text_append(out, "<AnyResponse><DescribeTargetHealthResult><TargetHealthDescriptions>");
        for (int i = 0; i < MEMBERS; i++)
                if (outside->members[i].serving)
                        text_appendf(
                                out,
                                "<member><Target><Id>i-%d</Id><Port>80</Port></Target><TargetHealth><State>"
                                "healthy</State></TargetHealth></member>",
                                i + 1);
        text_append(out, "</TargetHealthDescriptions></DescribeTargetHealthResult></AnyResponse>");
}

PLAYED void tell_delay(Text *out) {
        text_append(
                out, "<AnyResponse><DescribeTargetGroupAttributesResult><Attributes><member><Key>"
                     "deregistration_delay.timeout_seconds</Key><Value>0</Value></member></Attributes>"
                     "</DescribeTargetGroupAttributesResult></AnyResponse>");
}

PLAYED bool change_targets(const char *request, bool serving) {
        for (int i = 1; *sent_at(request, "Targets.member.%d.Id", i); i++)
                member_of(sent_at(request, "Targets.member.%d.Id", i))->serving = serving;
        return true;
}

/* False: nothing waits there. */
PLAYED bool change_member(const char *action, const char *request) {
        FakeMember *member = member_of(sent(request, "InstanceId"));

        if (text_equal(action, "SetInstanceHealth")) {
                member->unhealthy += text_equal(sent(request, "HealthStatus"), "Unhealthy");
                return true;
        }
        if (member->state != ASG_PENDING_WAIT)
                return false;
        if (text_equal(action, "RecordLifecycleActionHeartbeat")) {
                member->heartbeats++;
                return true;
        }
        bool proceeds = text_equal(sent(request, "LifecycleActionResult"), "CONTINUE");
        member->proceeded += proceeds;
        member->abandoned += !proceeds;
        member->state = proceeds ? ASG_IN_SERVICE : ASG_TERMINATING;
        return true;
}

PLAYED bool change_aws(const char *action, const char *request) {
        if (text_equal(action, "SuspendProcesses") || text_equal(action, "ResumeProcesses")) {
                outside->suspended = *action == 'S';
                outside->suspensions += outside->suspended;
                return true;
        }
        if (text_ends_with(action, "isterTargets"))
                return change_targets(request, text_starts_with(action, "Register"));
        return change_member(action, request);
}

PLAYED ScriptedReply bench_answer(void *context, const char *request) {
        GroupBench *bench = context;
        char action[80];
        bool done = true;

        snprintf(action, sizeof(action), "%s", sent(request, "Action"));
        text_clear(&bench->answer);
        if (text_equal(action, "DescribeAutoScalingGroups")
                    ? outside->refuses_groups
                    : outside->refuses && !text_starts_with(action, "Describe"))
                return (ScriptedReply){
                        .status = 403,
                        .body = "<AnyResponse><Error><Code>AccessDenied</Code><Message>no</Message>"
                                "</Error></AnyResponse>"
                };
        if (text_equal(action, "DescribeAutoScalingGroups")) {
                if (!outside->no_group)
                        tell_group(&bench->answer);
        } else if (text_equal(action, "DescribeInstances"))
                tell_instances(&bench->answer, request);
        else if (text_equal(action, "DescribeTargetHealth"))
                tell_targets(&bench->answer);
        else if (text_equal(action, "DescribeTargetGroupAttributes"))
                tell_delay(&bench->answer);
        else if (text_equal(action, "DescribeLoadBalancerTargetGroups"))
                text_append(&bench->answer, "<AnyResponse/>");
        else if (text_equal(action, "DescribeScalingActivities")) {
                atomic_fetch_add(&outside->activity_looks, 1);
                tell_activities(&bench->answer);
        } else {
                bench_event(); /* before it took effect */
                done = change_aws(action, request);
                bench_event(); /* its answer is lost */
        }
        if (!done)
                return (ScriptedReply){
                        .status = 400,
                        .body = "<AnyResponse><Error><Code>ValidationError</Code><Message>No active "
                                "Lifecycle Action found</Message></Error></AnyResponse>"
                };
        return (ScriptedReply){ .status = 200,
                                .body = bench->answer.length ? bench->answer.data : "<AnyResponse/>" };
}

/* ---- agents ---- */

PLAYED FakeAgent *fake_agent(const char *id) {
        return &outside->agents[id[2] - '1'];
}

PLAYED bool agent_connected(void *context, const char *agent_id) {
        (void) context;
        return !fake_agent(agent_id)->away;
}

PLAYED void agent_answers(
        GroupBench *bench, const char *agent_id, const char *task_id, bool ok, const char *message) {
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;
        Ghost__HealthRun run = GHOST__HEALTH_RUN__INIT, *runs[] = { &run };
        uint8_t bytes[512];

        receipt.task_id = (char *) task_id;
        receipt.ok = ok;
        receipt.message = (char *) message;
        run.module = (char *) "site";
        run.ok = ok;
        receipt.health = runs;
        receipt.n_health = !fake_agent(agent_id)->old;
        size_t length = ghost__receipt__pack(&receipt, bytes);
        assert_ok(receipt_store_put(bench->spec.store, task_id, "", agent_id, bytes, length, err));
        task_board_on_receipt(bench->spec.tasks, task_id);
}

PLAYED bool agent_takes(void *context, const char *agent_id, const Ghost__Task *task) {
        GroupBench *bench = context;
        FakeAgent *agent = fake_agent(agent_id);

        if (agent->away)
                return false;
        Ghost__Order *order = ghost__order__unpack(NULL, task->order.len, task->order.data);
        assert_non_null(order);
        bool bootstraps = order->action_case == GHOST__ORDER__ACTION_BOOTSTRAP;
        agent->orders += bootstraps;
        agent->deploys += !bootstraps;
        outside->disturbed += !bootstraps && outside->members[agent - outside->agents].serving;
        agent->another_task =
                agent->another_task || (*agent->task && !text_equal(agent->task, order->task_id));
        snprintf(agent->task, sizeof(agent->task), "%s", order->task_id);
        bench_event();
        if (!agent->silent)
                agent_answers(
                        bench, agent_id, order->task_id, bootstraps ? !agent->fails : !agent->cannot_deploy,
                        bootstraps ? (agent->fails ? "post_bootstrap exited with code 3" : "")
                                   : (agent->cannot_deploy ? "post_deploy exited with code 7" : ""));
        ghost__order__free_unpacked(order, NULL);
        bench_event();
        return true;
}

PLAYED void agent_cancels(void *context, const char *agent_id, const char *task_id) {
        (void) context;
        (void) task_id;
        fake_agent(agent_id)->cancels++;
}

PLAYED void log_grows(void *context, const char *log_id) {
        (void) context;
        (void) log_id;
        bench_event();
}

/* ---- the controller ---- */

static const char *const bench_environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true",
                                                 NULL };

PLAYED void bench_start(GroupBench *bench) {
        CLEANUP(free) char *database = xasprintf("%s/ghost.db", bench->folder);
        CLEANUP(free) char *logs = xasprintf("%s/logs", bench->folder);
        const AgentLink link = { .connected = agent_connected,
                                 .send_task = agent_takes,
                                 .send_cancel = agent_cancels,
                                 .context = bench };
        const AwsOptions options = { .region = "eu-west-1",
                                     .endpoint_url = scripted_http_url(bench->server),
                                     .access_key_id = "AKIDEXAMPLE",
                                     .secret_access_key = "secret",
                                     .retry_base_ms = 1,
                                     .poll_interval_ms = 5,
                                     .environment = bench_environment };
        GroupWatcherSpec *spec = &bench->spec;

        assert_ok(spec->store = store_open(&(StoreSpec){ .path = database }, err));
        assert_ok(
                spec->logs = job_logs_new(
                        &(JobLogsSpec){ .folder = logs, .store = spec->store, .on_growth = log_grows }, err));
        spec->tasks = task_board_new(spec->store, &link);
        spec->release_key = bench->key;
        assert_ok(bench->aws = aws_new(&options, err));
        spec->aws = bench->aws;
        bench->session = (AwsSession){ .aws = bench->aws, .deadline = deadline_after_ms(60000) };
}

PLAYED void bench_stop(GroupBench *bench) {
        task_board_free(bench->spec.tasks);
        job_logs_free(bench->spec.logs);
        store_free(bench->spec.store);
        aws_free(bench->aws);
}

/* One application whose group is "web"; all members wait at the hook, none has joined. */
PLAYED void bench_open(GroupBench *bench) {
        *bench = (GroupBench){ .folder = temp_folder(), .key = signing_key_new() };
        outside = mmap(NULL, sizeof(*outside), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(outside, MAP_FAILED);
        bench->outside = outside;
        for (int i = 0; i < MEMBERS; i++)
                outside->members[i].state = ASG_PENDING_WAIT;
        bench->app = json_of("{'_id':'" APP_ID "','name':'shop','env':'prod','role':'web',"
                             "'autoscale':{'name':'web'},'modules':[{'name':'site','path':'/srv/site'}]}");
        bench->server = scripted_http_start_handler(bench_answer, bench);
        bench->spec = (GroupWatcherSpec){ .interval_ms = 5,
                                          .ready_timeout_ms = 60000,
                                          .hook_timeout_ms = 1000,
                                          .in_service_ms = 2000,
                                          .answer_ms = 1000,
                                          .keep_releases = 3,
                                          .failures_max = 2 };
        bench_start(bench);
}

PLAYED void bench_closep(GroupBench *bench) {
        bench_stop(bench);
        scripted_http_stop(bench->server);
        text_clear(&bench->answer);
        document_free(bench->app);
        signing_key_free(bench->key);
        temp_remove(bench->folder);
        munmap(bench->outside, sizeof(*bench->outside));
}

/* As agents/enrolment.c leaves it. */
PLAYED void bench_join_as(GroupBench *bench, int number, const char *app_id, const char *purpose) {
        CLEANUP(free)
        char *text = xasprintf(
                "{'app_id':'%s','agent_id':'a-%d','state':'enrolled','purpose':'%s'}", app_id, number,
                purpose);
        CLEANUP(free) char *id = xasprintf("i-%d", number);
        CLEANUP(document_free) Document *members = json_of(text);

        assert_ok(instance_store_put(bench->spec.store, id, members, err));
}

PLAYED void bench_join(GroupBench *bench, int number) {
        bench_join_as(bench, number, APP_ID, JOIN_PURPOSE_GROUP);
}

/* One look of the watcher at the group. */
PLAYED void bench_round(GroupBench *bench) {
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups groups = { 0 };
        CLEANUP(string_list_clear) StringList names = { 0 };

        string_list_add(&names, "web");
        assert_ok(asg_describe_groups(&bench->session, &names, &groups, err));
        const GroupRound round = { .spec = &bench->spec,
                                   .session = &bench->session,
                                   .app = bench->app,
                                   .group_name = "web",
                                   .group = groups.count ? &groups.items[0] : NULL };
        group_round_run(&round);
}

PLAYED void bench_rounds(GroupBench *bench, int count) {
        for (int i = 0; i < count; i++)
                bench_round(bench);
}

/* ---- what became of it ---- */

PLAYED Document *bench_instance(GroupBench *bench, int number) {
        CLEANUP(free) char *id = xasprintf("i-%d", number);
        Document *document = NULL;

        assert_ok(instance_store_find(bench->spec.store, id, &document, err));
        assert_non_null(document);
        return document;
}

PLAYED void bench_set(GroupBench *bench, int number, const char *members) {
        CLEANUP(free) char *id = xasprintf("i-%d", number);
        CLEANUP(document_free) Document *document = json_of(members);

        assert_ok(instance_store_put(bench->spec.store, id, document, err));
}

PLAYED void bench_set_ago(GroupBench *bench, int number, const char *member, int64_t ago_ms) {
        CLEANUP(free)
        char *text = xasprintf("{'%s':%lld}", member, (long long) (clock_now_us() - ago_ms * 1000));

        bench_set(bench, number, text);
}

/* As if it had joined longer ago than a group may need to show it. */
PLAYED void bench_make_old(GroupBench *bench, int number) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *id = xasprintf("i-%d", number);

        assert_ok(query_write(
                bench->spec.store, "UPDATE instances SET created_us = 1 WHERE instance_id = ?", &query, err));
        query_bind_text(&query, id);
        assert_ok(query_run(&query, err));
}

PLAYED void assert_instance(GroupBench *bench, int number, const char *state, const char *reason) {
        CLEANUP(document_free) Document *instance = bench_instance(bench, number);

        assert_string_equal(document_get_string(instance, "state"), state);
        assert_string_equal(document_get_string(instance, "reason"), reason);
}

PLAYED void assert_log_has(GroupBench *bench, int number, const char *words) {
        CLEANUP(document_free) Document *instance = bench_instance(bench, number);
        CLEANUP(free) char *path = job_logs_path(bench->spec.logs, document_get_string(instance, "_id"));
        CLEANUP(free) char *text = NULL;
        size_t length = 0;

        assert_ok(file_read(path, 1 << 20, &text, &length, err));
        assert_has(text, words);
}

PLAYED void assert_failures(GroupBench *bench, BreakerState state, int64_t failures) {
        CLEANUP(breaker_clear) Breaker breaker = { 0 };

        assert_ok(breaker_store_get(bench->spec.store, APP_ID, &breaker, err));
        assert_int_equal(breaker.state, state);
        assert_int_equal(breaker.failures, failures);
}

/* ---- a controller that dies ---- */

PLAYED int before_commit(void *context) {
        (void) context;
        bench_event();
        return 0;
}

PLAYED int watch_commits(sqlite3 *database, char **message, const struct sqlite3_api_routines *api) {
        (void) message;
        (void) api;
        sqlite3_commit_hook(database, before_commit, NULL);
        return SQLITE_OK;
}

/* A controller in a process of its own does so many times what it lives for, or dies at the die_at-th event.
 * True: it died. */
PLAYED bool bench_live_for(
        GroupBench *bench, void (*life)(GroupBench *bench, int times), int times, int die_at) {
        int status = 0;

        bench_stop(bench);
        atomic_store(&outside->events, 0);
        atomic_store(&outside->die_at, die_at);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                atomic_store(&outside->controller, getpid());
                sqlite3_auto_extension((void (*)(void)) watch_commits);
                bench_start(bench);
                life(bench, times);
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        atomic_store(&outside->die_at, 0);
        bench_start(bench);
        assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
        return WIFSIGNALED(status);
}

PLAYED bool bench_live(GroupBench *bench, int rounds, int die_at) {
        return bench_live_for(bench, bench_rounds, rounds, die_at);
}
