import "./jobs.css";

import { useRoute } from "preact-iso";

import { type Page, query, type Schemas } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { JobStatus } from "~/parts/Badge";
import { Card, Facts } from "~/parts/Card";
import { LogViewer } from "~/parts/log/LogViewer";
import { Failure, Loading, Notice } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Ago } from "~/parts/Time";
import { commandTitle } from "~/pages/run/commands";

import { appLabel, hasEnded, hasFailed, type Job } from "./job";
import { JobActions } from "./JobActions";
import { AppLink, JobModules, JobOptions, JobTook, Message } from "./JobParts";
import { JobProgress } from "./JobProgress";

export default function JobPage() {
    const { id } = useRoute().params as { id: string };
    const job = useQuery<Job>(query(`/jobs/${id}`, { embedded: { app_id: 1 } }), (change) => change.collection === "jobs" && change.id === id);

    const made = useQuery<Page<Schemas["Deployment"]>>(job.data && hasEnded(job.data) ? query("/deployments", { where: { job_id: id }, max_results: 100 }) : null);

    if (!job.data)
        return (
            <>
                <PageHead title="Job" crumbs={<a href="/web/jobs">Jobs</a>} />
                {job.error ? <Failure error={job.error} retry={job.reload} /> : <Loading what="the job" />}
            </>
        );
    const shown = job.data;
    const title = commandTitle(shown.command);
    const named = new Set(shown.modules?.map((module) => module.deploy_id));
    const others = made.data?._items.filter((one) => !named.has(one._id)) ?? [];
    return (
        <>
            <PageHead
                title={title}
                window={shown.app_id ? `${title} ${appLabel(shown.app_id)}` : title}
                crumbs={
                    <>
                        <a href="/web/jobs">Jobs</a> / {shown._id}
                    </>
                }
                badges={<JobStatus status={shown.status} approval={shown.approval} />}
                actions={<JobActions job={shown} />}
            />
            <Failure error={job.error} retry={job.reload} />
            <Outcome job={shown} />
            <Card>
                <div class="job-facts">
                    <Facts
                        rows={[
                            ["Application", <AppLink app={shown.app_id} />],
                            ["Asked for", <span><Ago at={shown._created} /> by {shown.user}</span>],
                            ["Duration", shown.started_at && <JobTook job={shown} />],
                        ]}
                    />
                    <Facts
                        rows={[
                            ["Modules", shown.modules?.length ? <JobModules job={shown} /> : null],
                            ["Options", shown.options?.length || shown.command === "buildimage" ? <JobOptions job={shown} /> : null],
                            ["Deployments", others.length > 0 ? <Deployments made={others} /> : null],
                        ]}
                    />
                </div>
                <JobProgress job={shown} />
            </Card>
            <LogViewer path={`/jobs/${shown._id}/logs`} label="Log" key={shown._id} onTurn={hasEnded(shown) ? undefined : job.reload} empty={hasEnded(shown) ? "The job has no log" : "Nothing has been written yet"} />
        </>
    );
}

function Outcome({ job }: { job: Job }) {
    if (job.status === "init") return <Waiting job={job} />;
    if (job.status === "started" && job.approval) return <Asking job={job} />;
    if (!job.message || !hasEnded(job)) return null;
    return (
        <Notice tone={job.status === "done" ? "good" : hasFailed(job) ? "bad" : "warn"}>
            <Message text={job.message} />
        </Notice>
    );
}

/** A person has to approve; its buttons stand at the head of the page. */
function Asking({ job }: { job: Job }) {
    return (
        <Notice tone="warn">
            The job waits for an approval{job.approval?.asked_at && <>, asked for <Ago at={job.approval.asked_at} /></>}. {job.approval?.question}. Approve lets it go on, Cancel ends it here.
        </Notice>
    );
}

/** What it waits for: the jobs of an application run one after the other. */
function Waiting({ job }: { job: Job }) {
    const running = useQuery<Page<Job>>(job.app_id && query("/jobs", { where: { app_id: job.app_id._id, status: "started" }, max_results: 1 }), watching("jobs"));
    const other = running.data?._items[0];
    return (
        <Notice>
            The job waits for its turn.{" "}
            {other && (
                <>
                    The application's <a href={`/web/jobs/${other._id}`}>{commandTitle(other.command)}</a> runs now.
                </>
            )}
        </Notice>
    );
}

/** Those it made that are not named beside its modules: of a redeploy. */
function Deployments({ made }: { made: Schemas["Deployment"][] }) {
    return (
        <ul class="plain">
            {made.map((one) => (
                <li key={one._id}>
                    <a href={`/web/deployments/${one._id}`}>{one.module}</a>{" "}
                    <span class="dim">
                        {one.revision} {one.commit}
                    </span>
                </li>
            ))}
        </ul>
    );
}
