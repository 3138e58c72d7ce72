import { type Page, query } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { Card } from "~/parts/Card";
import { CheckField, TextField } from "~/parts/Field";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Pager } from "~/parts/Pager";
import { Table } from "~/parts/Table";
import { Ago } from "~/parts/Time";
import { useFilters } from "~/parts/useFilters";

import type { Instance } from "../applications/detail/matrix";
import { AgentBadge } from "../applications/detail/WhoRunsWhat";
import { matching, type Overview, releaseWords } from "../applications/overview";

function whereOf(filter: { ended: string }, ids: string[] | null): Record<string, unknown> | undefined {
    const where: Record<string, unknown> = {};
    if (ids) where.app_id = { $in: ids };
    if (!filter.ended) where.state = { $ne: "gone" };
    return Object.keys(where).length ? where : undefined;
}

export default function InstanceList() {
    const [filter, set] = useFilters("name", "ended", "page");
    const overview = useQuery<Overview>("/overview", watching("apps"));
    const apps = new Map((overview.data?.apps ?? []).map((app) => [app.app_id, app]));
    const ids = filter.name ? matching([...apps.values()], { name: filter.name, env: "", role: "" }).map((app) => app.app_id) : null;
    const address = query("/instances", { where: whereOf(filter, ids), sort: "-_created", max_results: 50, page: filter.page || 1 });
    const instances = useQuery<Page<Instance>>(filter.name && !overview.data ? null : address, watching("instances"));

    return (
        <>
            <PageHead title="Instances">Each with the agent that answers for it</PageHead>
            <div class="filters">
                <TextField label="Application" type="search" value={filter.name} onInput={(name) => set({ name, page: "" })} placeholder="Part of the name" />
                <CheckField label="Also those that have ended" checked={!!filter.ended} onInput={(on) => set({ ended: on ? "1" : "", page: "" })} />
            </div>
            <Failure error={instances.error} retry={instances.reload} />
            <Card flush>
                {!instances.data ? (
                    <Loading what="instances" />
                ) : instances.data._items.length === 0 ? (
                    <Empty title={filter.name ? "No instance is like that" : "No instances"}>
                        They come from <code>createinstance</code> of an application, or from its Auto Scaling group, and show up when their agent has joined.
                    </Empty>
                ) : (
                    <>
                        <Table
                            label="Instances"
                            rows={instances.data._items}
                            rowKey={(one) => one._id}
                            columns={[
                                {
                                    title: "Instance",
                                    cell: (one) => (
                                        <a class="mono nowrap" href={`/web/instances/${one.instance_id}`}>
                                            {one.instance_id}
                                        </a>
                                    ),
                                },
                                { title: "Application", cell: (one) => <AppOf id={one.app_id} apps={apps} /> },
                                { title: "Agent", cell: (one) => <AgentBadge instance={one} /> },
                                { title: "Address", cell: (one) => <span class="mono">{one.private_ip ?? "–"}</span> },
                                { title: "Runs", cell: (one) => <Runs instance={one} /> },
                                { title: "Version", cell: (one) => one.agent_version ?? "–" },
                                { title: "Last seen", cell: (one) => (one.connected ? <span class="dim">now</span> : <Ago at={one.last_seen} />) },
                            ]}
                        />
                        <Pager meta={instances.data._meta} what="instances" onPage={(page) => set({ page: String(page) })} />
                    </>
                )}
            </Card>
        </>
    );
}

function AppOf({ id, apps }: { id: Instance["app_id"]; apps: Map<string, { app_id: string; name: string; env: string; role: string }> }) {
    const app = typeof id === "string" ? apps.get(id) : undefined;
    if (!app) return <span class="dim">–</span>;
    return (
        <a href={`/web/apps/${app.app_id}`}>
            {app.name}/{app.env}/{app.role}
        </a>
    );
}

function Runs({ instance }: { instance: Instance }) {
    if (instance.purpose === "bake") return <span class="dim">bakes an image</span>;
    const modules = (instance.modules ?? []).filter((module) => module.manifest_sha256);
    if (!modules.length) return <span class="dim">nothing</span>;
    return (
        <span class="buttons">
            {modules.map((module) => (
                <span key={module.module}>
                    {module.module} {releaseWords(module)}
                </span>
            ))}
            {(instance.deviations?.length ?? 0) > 0 && <Badge tone="warn">left behind</Badge>}
        </span>
    );
}
