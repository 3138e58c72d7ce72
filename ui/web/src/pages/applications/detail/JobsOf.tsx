import { type Page, query, type Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { JobStatus } from "~/parts/Badge";
import { Card } from "~/parts/Card";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { Pager } from "~/parts/Pager";
import { Ago } from "~/parts/Time";
import { useFilters } from "~/parts/useFilters";

import { commandTitle } from "../../run/commands";
import type { App } from "../ApplicationPage";

type Job = Schemas["Job"];

export function JobsOf({ app, short }: { app: App; short?: boolean }) {
    const [{ page }, set] = useFilters("page");
    const address = query("/jobs", { where: { app_id: app._id }, sort: "-_created", max_results: short ? 6 : 25, page: short ? 1 : page || 1 });
    const jobs = useQuery<Page<Job>>(address, (change) => change.collection === "jobs" && (!change.app_id || change.app_id === app._id));

    return (
        <Card title="Jobs" flush actions={short && <a href={`/web/apps/${app._id}/jobs`}>All jobs</a>}>
            <Failure error={jobs.error} retry={jobs.reload} />
            {!jobs.data ? (
                jobs.loading && <Loading what="jobs" />
            ) : jobs.data._items.length === 0 ? (
                <Empty title="No jobs yet">What is run on this application is listed here, with its log.</Empty>
            ) : (
                <>
                    <ol class="plain timeline">
                        {jobs.data._items.map((job) => (
                            <li key={job._id}>
                                <div>
                                    <span class="buttons">
                                        <a href={`/web/jobs/${job._id}`}>
                                            <strong>{commandTitle(job.command ?? "")}</strong>
                                        </a>
                                        <JobStatus status={job.status ?? "init"} approval={job.approval} />
                                    </span>
                                    <p class="dim">{job.message}</p>
                                    <span class="dim small">
                                        {job.user}, <Ago at={job._created} />
                                    </span>
                                </div>
                            </li>
                        ))}
                    </ol>
                    {!short && <Pager meta={jobs.data._meta} what="jobs" onPage={(to) => set({ page: String(to) })} />}
                </>
            )}
        </Card>
    );
}
