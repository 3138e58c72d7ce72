import { may, type Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { Card, Facts } from "~/parts/Card";
import { Failure, Loading, Notice } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { bytesText } from "~/parts/sizes";
import { Table } from "~/parts/Table";
import { Ago } from "~/parts/Time";

type Health = Schemas["Health"];
type Notifications = Schemas["Notification"];

export default function HealthPage() {
    const health = useQuery<Health>("/health", () => true);
    const version = useQuery<Schemas["Version"]>("/version");

    return (
        <>
            <PageHead title="Health">How the controller is</PageHead>
            <Failure error={health.error} retry={health.reload} />
            {!health.data ? <Loading what="health" /> : <Whole health={health.data} revision={version.data?.current_revision ?? ""} />}
            {may("admin") && <Undelivered />}
        </>
    );
}

function Whole({ health, revision }: { health: Health; revision: string }) {
    const machine = health.machine;
    return (
        <>
            {health.reason && <Notice tone="bad">{health.reason}</Notice>}
            {(health.breakers ?? []).map((one) => (
                <Notice tone="bad" key={one.app_id}>
                    <p>
                        <a href={`/web/apps/${one.app_id}`}>{one.app}</a>: its group {one.group} stands still since <Ago at={one.since} /> after {one.failures} failures. {one.reason}
                    </p>
                    <p>{one.remedy}</p>
                </Notice>
            ))}
            {(health.group_troubles ?? []).map((one) => (
                <Notice tone="warn" key={`${one.app_id} ${one.instance_id ?? ""} ${one.trouble}`}>
                    <p>
                        <a href={`/web/apps/${one.app_id}`}>{one.app}</a>: its group {one.group} is not looked after{one.instance_id && `, instance ${one.instance_id}`} since <Ago at={one.since} />.
                    </p>
                    <p>{one.trouble}</p>
                    <p>{one.remedy}</p>
                </Notice>
            ))}
            {(health.enrolment_troubles ?? []).map((one) => (
                <Notice tone="warn" key={`${one.app_id} ${one.instance_id}`}>
                    <p>
                        <a href={`/web/apps/${one.app_id}`}>{one.app}</a>: instance {one.instance_id} of its group {one.group} waits to be let in since <Ago at={one.since} />.
                    </p>
                    <p>{one.trouble}</p>
                    <p>{one.remedy}</p>
                </Notice>
            ))}
            <div class="columns">
                <Card title="Controller" actions={<Badge tone={health.status === "ok" ? "good" : "bad"} dot>{health.status}</Badge>}>
                    <Facts
                        rows={[
                            ["Jobs running", <a href="/web/jobs?status=started">{health.jobs_running}</a>],
                            ["Jobs waiting", <a href="/web/jobs?status=init">{health.jobs_queued}</a>],
                            ["Agents connected", <a href="/web/instances">{health.agents_connected}</a>],
                            ["Disk free", bytesText(health.disk_free_bytes)],
                            ["CPU", machine?.load_percent !== undefined && <Load percent={machine.load_percent} processors={machine.processors ?? 1} />],
                            ["Memory free", machine?.memory_total_bytes && `${bytesText(machine.memory_available_bytes)} of ${bytesText(machine.memory_total_bytes)}`],
                            ["Version", `${health.version ?? ""} ${revision && `(${revision})`}`],
                        ]}
                    />
                </Card>
                <Card title="Janitor">
                    <p class="dim">Removes from AWS what jobs that ended badly left behind.</p>
                    <Facts
                        rows={[
                            ["Last round", <Ago at={health.janitor?.last_round} />],
                            ["Removed", health.janitor?.removed],
                            ["Still there", health.janitor?.left],
                            ["Trouble", health.janitor?.trouble],
                        ]}
                    />
                </Card>
            </div>
        </>
    );
}

/** Of the last minute; over 100 %: work waits for a processor. */
function Load({ percent, processors }: { percent: number; processors: number }) {
    return (
        <span class="buttons">
            <Badge tone={percent <= 70 ? "good" : percent <= 100 ? "warn" : "bad"}>{percent} % load</Badge>
            <span class="dim small">{processors === 1 ? "1 processor" : `${processors} processors`}</span>
        </span>
    );
}

/** Mails and calls that could not be delivered yet. */
function Undelivered() {
    const notifications = useQuery<Notifications>("/notifications", () => true);
    const items = notifications.data?._items ?? [];
    if (!items.length) return null;
    return (
        <Card title="Notifications under way" flush>
            <Table
                label="Notifications"
                rows={items}
                rowKey={(one) => one._id ?? ""}
                columns={[
                    { title: "To", cell: (one) => `${one.channel}: ${one.recipient}` },
                    { title: "About", cell: (one) => <a href={`/web/jobs/${one.job_id}`}>{one.event}</a> },
                    { title: "State", cell: (one) => <Badge tone={one.state === "failed" ? "bad" : "busy"}>{one.state}</Badge> },
                    { title: "Tries", cell: (one) => one.attempts },
                    { title: "Last answer", cell: (one) => one.last_error },
                ]}
            />
        </Card>
    );
}
