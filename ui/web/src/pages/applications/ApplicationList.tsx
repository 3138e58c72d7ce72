import { may, type Page, query, type Schemas } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Badge, JobStatus } from "~/parts/Badge";
import { ButtonLink } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { SelectField, TextField } from "~/parts/Field";
import { Icon } from "~/parts/Icon";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Table } from "~/parts/Table";
import { Tabs } from "~/parts/Tabs";
import { Ago } from "~/parts/Time";
import { useFilters } from "~/parts/useFilters";

import { commandTitle } from "../run/commands";
import { type AppOverview, environments, matching, type Overview, STATES } from "./overview";

export function StateBadge({ state }: { state: AppOverview["state"] }) {
    const { tone, words, meaning } = STATES[state];
    return (
        <Badge tone={tone} title={meaning} dot>
            {words}
        </Badge>
    );
}

function Instances({ counts }: { counts: AppOverview["instances"] }) {
    if (!counts.total) return <span class="dim">none</span>;
    const away = counts.total - counts.connected;
    return (
        <span>
            {counts.total}
            {away > 0 && <span class="dim"> ({away} without agent)</span>}
        </span>
    );
}

function LastJob({ job }: { job: AppOverview["last_job"] }) {
    if (!job) return <span class="dim">–</span>;
    return (
        <span class="buttons">
            <a href={`/web/jobs/${job._id}`}>{commandTitle(job.command)}</a>
            <JobStatus status={job.status} />
            <span class="dim small">
                <Ago at={job._created} />
            </span>
        </span>
    );
}

function NoApplications() {
    return (
        <Empty
            title="No applications yet"
            action={
                may("operator") && (
                    <ButtonLink look="primary" href="/web/apps/new">
                        <Icon name="plus" size={16} /> Create the first application
                    </ButtonLink>
                )
            }
        >
            An application says what its instances are made of: where in AWS they run, what their image holds, and which modules of code are deployed to them. Create one, build its
            image, create an instance, deploy.
        </Empty>
    );
}

/** Two of one name, env and role: one of them is online. */
function ColorBadge({ app }: { app: Schemas["App"] | undefined }) {
    const color = app?.blue_green?.color;
    if (!color) return null;
    return (
        <Badge tone={app.blue_green?.is_online ? "good" : "plain"} title={app.blue_green?.is_online ? "What is called runs here" : "The other one is online"}>
            {app.blue_green?.is_online ? `${color}, online` : color}
        </Badge>
    );
}

export default function ApplicationList() {
    const twins = useQuery<Page<Schemas["App"]>>(query("/apps", { where: { "blue_green.enable_blue_green": true }, projection: { blue_green: 1 }, max_results: 200 }), watching("apps"));
    const overview = useQuery<Overview>("/overview", watching("apps", "jobs", "instances", "deployments"));
    const [filter, setFilter] = useFilters("env", "role", "name");
    const apps = overview.data?.apps ?? [];
    const shown = matching(apps, filter);
    const roles = [...new Set(apps.map((app) => app.role))].sort();
    const tab = (env: string) => (env ? `/web/apps?env=${encodeURIComponent(env)}` : "/web/apps");

    return (
        <>
            <PageHead
                title="Applications"
                actions={
                    may("operator") && (
                        <ButtonLink look="primary" href="/web/apps/new">
                            <Icon name="plus" size={16} /> New application
                        </ButtonLink>
                    )
                }
            />
            <Failure error={overview.error} retry={overview.reload} />
            {apps.length > 0 && (
                <>
                    <Tabs
                        label="Environments"
                        tabs={["", ...environments(apps)].map((env) => ({ href: tab(env), label: env || "All environments", current: filter.env === env }))}
                    />
                    <div class="filters">
                        <TextField label="Name" type="search" value={filter.name} onInput={(name) => setFilter({ name })} placeholder="Part of the name" />
                        <SelectField
                            label="Role"
                            value={filter.role}
                            onInput={(role) => setFilter({ role })}
                            choices={[{ value: "", label: "All roles" }, ...roles.map((role) => ({ value: role, label: role }))]}
                        />
                    </div>
                </>
            )}
            <Card flush>
                {!overview.data ? (
                    overview.loading && <Loading what="applications" />
                ) : apps.length === 0 ? (
                    <NoApplications />
                ) : shown.length === 0 ? (
                    <Empty title="None of the applications is like that">Take a filter away to see more.</Empty>
                ) : (
                    <Table
                        label="Applications"
                        rows={shown}
                        rowKey={(app) => app.app_id}
                        columns={[
                            {
                                title: "Name",
                                cell: (app) => (
                                    <span class="buttons">
                                        <a href={`/web/apps/${app.app_id}`}>
                                            <strong>{app.name}</strong>
                                        </a>
                                        <ColorBadge app={twins.data?._items.find((twin) => twin._id === app.app_id)} />
                                    </span>
                                ),
                            },
                            { title: "Environment", cell: (app) => app.env },
                            { title: "Role", cell: (app) => app.role },
                            { title: "State", cell: (app) => <StateBadge state={app.state} /> },
                            { title: "Instances", cell: (app) => <Instances counts={app.instances} /> },
                            { title: "Last job", cell: (app) => <LastJob job={app.last_job} /> },
                            {
                                title: "Actions",
                                untitled: true,
                                right: true,
                                cell: (app) =>
                                    may("operator") && (
                                        <ButtonLink look="small" href={`/web/apps/${app.app_id}/run`}>
                                            Run…
                                        </ButtonLink>
                                    ),
                            },
                        ]}
                    />
                )}
            </Card>
        </>
    );
}
