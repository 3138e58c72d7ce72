import { may, type Page, query } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Badge, type Tone } from "~/parts/Badge";
import { ButtonLink } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { type Column, Table } from "~/parts/Table";
import { Ago } from "~/parts/Time";

import type { App } from "../ApplicationPage";
import { type AppOverview, releaseWords } from "../overview";
import { type Cell, cellsOf, inOrder, type Instance } from "./matrix";

const DRIFT: Record<Cell["drift"], { tone: Tone; words: string }> = {
    right: { tone: "good", words: "" },
    behind: { tone: "warn", words: "behind" },
    missing: { tone: "bad", words: "not there" },
    left: { tone: "warn", words: "left there" },
    none: { tone: "plain", words: "" },
};

function ReleaseCell({ cell }: { cell: Cell }) {
    const { tone, words } = DRIFT[cell.drift];
    const failed = cell.state?.receipt && cell.state.receipt.ok === false;
    if (cell.drift === "none") return <span class="dim">–</span>;
    return (
        <span class="buttons">
            <Badge tone={tone} title={cell.why || (cell.drift === "right" ? "Runs what was deployed last" : `Wanted: ${releaseWords(cell.wanted)}`)}>
                {cell.state?.manifest_sha256 ? releaseWords(cell.state) : words}
            </Badge>
            {cell.state?.manifest_sha256 && words && <span class="dim small">{words}</span>}
            {failed && (
                <a class="small" href={`/web/jobs/${cell.state?.receipt?.job_id}`} title={cell.state?.receipt?.message}>
                    last deploy failed
                </a>
            )}
        </span>
    );
}

export function AgentBadge({ instance }: { instance: Instance }) {
    if (instance.state === "gone") return <Badge>ended</Badge>;
    if (instance.connected) return instance.state === "ready" ? <Badge tone="good" dot>ready</Badge> : <Badge tone="busy" dot>{instance.state}</Badge>;
    return (
        <Badge tone="bad" title="The agent is not connected: nothing can be deployed there now" dot>
            no agent
        </Badge>
    );
}

function columnsFor(modules: AppOverview["modules"]): Column<Instance>[] {
    return [
        {
            title: "Instance",
            cell: (one) => (
                <a class="mono nowrap" href={`/web/instances/${one.instance_id}`}>
                    {one.instance_id}
                </a>
            ),
        },
        { title: "Address", cell: (one) => <span class="mono">{one.private_ip ?? "–"}</span> },
        { title: "Agent", cell: (one) => <AgentBadge instance={one} /> },
        ...modules.map((module, at): Column<Instance> => ({ title: module.name, cell: (one) => <ReleaseCell cell={cellsOf(one, modules)[at]!} /> })),
        { title: "Last seen", cell: (one) => (one.connected ? <span class="dim">now</span> : <Ago at={one.last_seen} />) },
    ];
}

export function WhoRunsWhat({ app, overview }: { app: App; overview: AppOverview | undefined }) {
    const address = query("/instances", { where: { app_id: app._id }, max_results: 200, sort: "-_created" });
    const instances = useQuery<Page<Instance>>(address, (change) => change.collection === "instances" && (change.app_id === app._id || !change.app_id));
    const rows = inOrder(instances.data?._items ?? []);
    const modules = overview?.modules ?? [];

    return (
        <Card title="Who runs what" flush actions={overview && <Wanted modules={modules} />}>
            <Failure error={instances.error} retry={instances.reload} />
            {!instances.data || !overview ? (
                <Loading what="instances" />
            ) : rows.length === 0 ? (
                <Empty
                    title="No instances"
                    action={
                        may("operator") && (
                            <ButtonLink look="primary" href={`/web/apps/${app._id}/run/${app.ami ? "createinstance" : "buildimage"}`}>
                                {app.ami ? "Create an instance" : "Build the image"}
                            </ButtonLink>
                        )
                    }
                >
                    {app.ami ? "The image is there. An instance made of it starts its agent, gets the modules and shows up here." : "First the image is built: what every instance of this application starts from."}
                </Empty>
            ) : (
                <Table label="Instances and what they run" rows={rows} rowKey={(one) => one._id} columns={columnsFor(modules)} />
            )}
        </Card>
    );
}

function Wanted({ modules }: { modules: AppOverview["modules"] }) {
    const wanted = modules.filter((module) => module.wanted);
    if (!wanted.length) return null;
    return (
        <span class="dim small">
            Wanted: {wanted.map((module) => `${module.name} ${releaseWords(module.wanted)}`).join(", ")}
        </span>
    );
}
