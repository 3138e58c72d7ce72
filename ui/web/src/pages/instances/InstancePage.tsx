import "./instances.css";

import { useRoute } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { ApiError, ask, may, type Schemas } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { ButtonLink } from "~/parts/Button";
import { Card, Facts } from "~/parts/Card";
import { Failure, Loading, Notice } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { bytesText } from "~/parts/sizes";
import { Ago, durationText } from "~/parts/Time";

import type { Instance } from "../applications/detail/matrix";
import { AgentBadge } from "../applications/detail/WhoRunsWhat";
import { releaseWords } from "../applications/overview";

type Module = NonNullable<Instance["modules"]>[number];

export default function InstancePage() {
    const id = useRoute().params.id!;
    const instance = useQuery<Instance>(`/instances/${id}`, watching("instances"));
    const appId = typeof instance.data?.app_id === "string" ? instance.data.app_id : null;
    const app = useQuery<Schemas["App"]>(appId && `/apps/${appId}`, (change) => change.id === appId).data;

    if (!instance.data) return instance.error ? <Failure error={instance.error} retry={instance.reload} /> : <Loading what="the instance" />;
    const one = instance.data;
    const facts = one.facts ?? {};

    return (
        <>
            <PageHead
                title={one.instance_id ?? id}
                crumbs={<a href="/web/instances">Instances</a>}
                badges={<AgentBadge instance={one} />}
                actions={
                    may("operator") &&
                    one.state !== "gone" &&
                    typeof one.app_id === "string" && (
                        <ButtonLink look="danger" href={`/web/apps/${one.app_id}/run/destroyinstance?instance=${one.instance_id}`}>
                            Destroy…
                        </ButtonLink>
                    )
                }
            />
            <Failure error={instance.error} retry={instance.reload} />
            {one.reason && <Notice tone="warn">{one.reason}</Notice>}
            {one.notice && (
                <Notice tone="warn">
                    AWS says: {one.notice.kind} {one.notice.action} <Ago at={one.notice.at} />
                </Notice>
            )}
            {!one.connected && one.state !== "gone" && (
                <Notice tone="bad">
                    Its agent is not connected, last seen <Ago at={one.last_seen} />. Nothing can be deployed there now; deploys name it as failed. Look whether the instance runs and reaches the
                    controller.
                </Notice>
            )}
            <div class="columns">
                <div class="stack">
                    {(one.modules ?? []).map((module) => (
                        <ModuleOn module={module} deviation={one.deviations?.find((left) => left.module === module.module)?.why} key={module.module} />
                    ))}
                    <BootstrapLog id={one.instance_id ?? id} />
                </div>
                <Card title="Facts">
                    <Facts
                        rows={[
                            ["Application", appId && <a href={`/web/apps/${appId}`}>{app ? `${app.name}/${app.env}/${app.role}` : appId}</a>],
                            ["Private address", <span class="mono">{one.private_ip}</span>],
                            ["Host name", facts.host_name],
                            ["Type", facts.instance_type],
                            ["Region", facts.region],
                            ["Image", one.image_id && <span class="mono">{one.image_id}</span>],
                            ["System", facts.os],
                            ["Kernel", facts.kernel],
                            ["Architecture", facts.architecture],
                            ["Disk free", bytesText(one.disk_free_bytes)],
                            ["Purpose", one.purpose],
                            ["State", one.state],
                            ["Bootstrapped", one.bootstrapped ? "yes" : "no"],
                            ["Agent", one.agent_version],
                            ["Link from", <span class="mono">{one.address}</span>],
                            ["Last seen", <Ago at={one.last_seen} />],
                            ["Joined", <Ago at={one._created} />],
                            ["Made by", one.job_id && <a href={`/web/jobs/${one.job_id}`}>a job</a>],
                        ]}
                    />
                </Card>
            </div>
        </>
    );
}

function ModuleOn({ module, deviation }: { module: Module; deviation: string | undefined }) {
    const receipt = module.receipt;
    return (
        <Card
            title={
                <span class="buttons">
                    {module.module} <Badge tone={module.manifest_sha256 ? "accent" : "bad"}>{module.manifest_sha256 ? releaseWords(module) : "not there"}</Badge>
                    {deviation && <Badge tone="warn">left there</Badge>}
                </span>
            }
        >
            <div class="stack">
                {deviation && <Notice tone="warn">{deviation}</Notice>}
                {receipt && receipt.ok === false && <Notice tone="bad">{receipt.message}</Notice>}
                <Facts
                    rows={[
                        ["Path", <code>{module.path}</code>],
                        ["Switched", module.switched_us ? <Ago at={new Date(module.switched_us / 1000).toISOString()} /> : undefined],
                        ["Last task", receipt?.job_id && <a href={`/web/jobs/${receipt.job_id}`}>{receipt.ok ? "went through" : "failed"}</a>],
                        ["Hooks", receipt?.hooks?.length ? receipt.hooks.map((hook) => <Hook hook={hook} key={hook.hook} />) : undefined],
                        ["Health check", receipt?.health && `${receipt.health.kind}: ${receipt.health.ok ? "well" : "not well"} after ${receipt.health.attempts} tries. ${receipt.health.message ?? ""}`],
                        ["Fetched", receipt && `${bytesText(receipt.bytes_fetched)}, ${bytesText(receipt.bytes_reused)} were there already`],
                    ]}
                />
            </div>
        </Card>
    );
}

function Hook({ hook }: { hook: { hook?: string; exit_code?: number; duration_ms?: number } }) {
    const ended = (hook.exit_code ?? 0) < 0 ? `signal ${-(hook.exit_code ?? 0)}` : `code ${hook.exit_code}`;
    return (
        <div>
            <code>{hook.hook}</code> <span class={hook.exit_code ? "" : "dim"}>{hook.exit_code ? `ended with ${ended}` : "went through"}</span>{" "}
            <span class="dim small">{durationText(hook.duration_ms ?? 0)}</span>
        </div>
    );
}

/** How it came up. Read once: what runs now is followed on the job's page. */
function BootstrapLog({ id }: { id: string }) {
    const [log, setLog] = useState<{ text?: string; error?: ApiError }>({});
    useEffect(() => {
        let gone = false;
        ask("GET", `/instances/${id}/logs`)
            .then((answer) => answer.text())
            .then((text) => !gone && setLog({ text }))
            .catch((error: unknown) => !gone && setLog({ error: error instanceof ApiError ? error : new ApiError(0, String(error)) }));
        return () => {
            gone = true;
        };
    }, [id]);
    if (log.error?.status === 404 || (!log.text && !log.error)) return null;
    return (
        <Card title="How it came up">
            <Failure error={log.error} />
            {log.text && (
                <pre class="log-text" tabIndex={0}>
                    {log.text}
                </pre>
            )}
        </Card>
    );
}
