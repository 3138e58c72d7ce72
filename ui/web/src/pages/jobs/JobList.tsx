import "./jobs.css";

import { useLocation } from "preact-iso";

import { type Page, query } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { JobStatus } from "~/parts/Badge";
import { ButtonLink } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Pager } from "~/parts/Pager";
import { type Column, Table } from "~/parts/Table";
import { Ago } from "~/parts/Time";
import { commandTitle } from "~/pages/run/commands";
import { optionsInWords } from "~/pages/run/job_body";

import { appsWhere, type Filters, FILTERS, hasFailed, type Job, jobsWhere } from "./job";
import { JobActions } from "./JobActions";
import { JobFilters } from "./JobFilters";
import { AppLink, JobModules, JobOptions, JobTook, Message } from "./JobParts";

const PAGE_SIZE = 25;
const APPS_MAX = 200;

const columns: Column<Job>[] = [
    {
        title: "Job",
        cell: (job) => (
            <div>
                <a href={`/web/jobs/${job._id}`}>{commandTitle(job.command)}</a>
                <div class="dim small">
                    <Ago at={job._created} /> <span class="nowrap">by {job.user}</span>
                </div>
            </div>
        ),
    },
    { title: "Application", cell: (job) => <AppLink app={job.app_id} /> },
    {
        title: "Status",
        cell: (job) => (
            <div class="job-status">
                <JobStatus status={job.status} approval={job.approval} />
                {job.started_at && (
                    <span class="dim small">
                        <JobTook job={job} />
                    </span>
                )}
                {hasFailed(job) && job.message && (
                    <div class="small job-why">
                        <Message text={job.message.length > 240 ? `${job.message.slice(0, 240)}…` : job.message} />
                    </div>
                )}
            </div>
        ),
    },
    {
        title: "What",
        cell: (job) =>
            (job.modules?.length || optionsInWords(job.command, job.options ?? [], job.instance_type, true).length > 0) && (
                <div class="small">
                    <JobModules job={job} />
                    <JobOptions job={job} brief />
                </div>
            ),
    },
    { title: "Actions", untitled: true, right: true, cell: (job) => <JobActions job={job} small onDeleted={() => {}} /> },
];

export default function JobList() {
    const { path, query: asked, route } = useLocation();
    const filters = Object.fromEntries(FILTERS.map((name) => [name, asked[name] ?? ""])) as Filters;
    const page = Math.max(1, Number(asked.page) || 1);
    const go = (more: Filters, to: number) => route(query(path, { ...more, page: to > 1 ? to : undefined }), true);

    const where = appsWhere(filters);
    const apps = useQuery<Page<{ _id: string }>>(where && query("/apps", { where, projection: { name: 1 }, max_results: APPS_MAX }), watching("apps"));
    const ids = where ? (apps.data?._items.map((app) => app._id) ?? null) : null;
    const ready = !where || apps.data !== undefined;
    const jobs = useQuery<Page<Job>>(
        ready ? query("/jobs", { where: jobsWhere(filters, ids), sort: "-_created", embedded: { app_id: 1 }, max_results: PAGE_SIZE, page }) : null,
        watching("jobs"),
    );
    const filtered = FILTERS.some((name) => filters[name]);

    return (
        <>
            <PageHead title="Jobs" />
            <JobFilters filters={filters} onChange={(next) => go(next, 1)} />
            <Failure error={jobs.error ?? apps.error} retry={jobs.reload} />
            <Card flush>
                {!jobs.data ? (
                    !jobs.error && <Loading what="jobs" />
                ) : jobs.data._items.length === 0 ? (
                    filtered ? (
                        <Empty title="No job is like that">Another status, command or name may have some.</Empty>
                    ) : (
                        <Empty title="No jobs yet" action={<ButtonLink look="primary" href="/web/apps">Applications</ButtonLink>}>
                            A job is what is done to an application: an image that is built, an instance that is created, modules that are deployed. Choose an application and run a command.
                        </Empty>
                    )
                ) : (
                    <>
                        <Table label="Jobs" rows={jobs.data._items} rowKey={(job) => job._id} columns={columns} />
                        <Pager meta={jobs.data._meta} what="jobs" onPage={(to) => go(filters, to)} />
                    </>
                )}
            </Card>
        </>
    );
}
