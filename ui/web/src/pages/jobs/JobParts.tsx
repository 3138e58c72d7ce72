import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";

import { api, may } from "~/api/client";
import { Badge } from "~/parts/Badge";
import { Button, ButtonLink } from "~/parts/Button";
import { Confirm } from "~/parts/Dialog";
import { parseTime, Took } from "~/parts/Time";
import { commandTitle, findCommand } from "~/pages/run/commands";
import { optionsInWords } from "~/pages/run/job_body";

import { againPath, hasEnded, type Job, type JobApp, linked } from "./job";

export function AppLink({ app }: { app: JobApp | null }) {
    if (!app) return <span class="dim">an application that is gone</span>;
    return (
        <span>
            <a href={`/web/apps/${app._id}`}>{app.name}</a>{" "}
            <span class="dim nowrap">
                {app.env} · {app.role}
            </span>
            {app.blue_green?.enable_blue_green && app.blue_green.color && (
                <>
                    {" "}
                    <Badge tone={app.blue_green.color === "green" ? "good" : "busy"}>{app.blue_green.color}</Badge>
                </>
            )}
        </span>
    );
}

/** How long it runs, or ran; times of jobs are whole seconds. */
export function JobTook({ job }: { job: Job }) {
    if (!job.started_at) return null;
    if (hasEnded(job) && parseTime(job.started_at)?.getTime() === parseTime(job._updated)?.getTime()) return <span class="nowrap">under 1 s</span>;
    return <Took from={job.started_at} to={hasEnded(job) ? job._updated : null} />;
}

/** The controller's sentence, whole, with links. */
export function Message({ text }: { text: string }) {
    return (
        <span class="job-message">
            {linked(text).map((word) => (word.href ? <a class="nowrap" href={word.href}>{word.text}</a> : word.text))}
        </span>
    );
}

export function JobModules({ job }: { job: Job }) {
    if (!job.modules?.length) return null;
    return (
        <ul class="plain">
            {job.modules.map((module) => (
                <li key={module.name}>
                    {module.deploy_id ? <a href={`/web/deployments/${module.deploy_id}`}>{module.name}</a> : module.name} <span class="dim">{module.rev}</span>
                </li>
            ))}
        </ul>
    );
}

/** brief: what is as it would be unless said is left out. */
export function JobOptions({ job, brief }: { job: Job; brief?: boolean }) {
    const words = optionsInWords(job.command, job.options ?? [], job.instance_type, brief);
    if (words.length === 0) return null;
    return (
        <ul class="plain">
            {words.map(([label, text, option]) => (
                <li key={label}>
                    <span class="dim">{label}:</span> {option?.kind === "deployment" ? <a href={`/web/deployments/${text}`}>{brief ? `${text.slice(0, 8)}…` : text}</a> : option?.kind === "instance" && text.startsWith("i-") ? <a href={`/web/instances/${text}`}>{text}</a> : text}
                </li>
            ))}
        </ul>
    );
}

/** What one may do with it as it is. small: in a row of a list. */
export function JobActions({ job, small, onDeleted }: { job: Job; small?: boolean; onDeleted?: () => void }) {
    const [asking, setAsking] = useState<"cancel" | "delete">();
    const { route } = useLocation();
    const again = againPath(job);
    const look = small ? (["small"] as const) : [];
    if (!may("operator")) return null;

    return (
        <span class="buttons job-actions">
            {!hasEnded(job) && (
                <Button look={["danger", ...look]} onClick={() => setAsking("cancel")}>
                    Cancel
                </Button>
            )}
            {hasEnded(job) && again && findCommand(job.command) && (
                <ButtonLink look={[...look]} href={again}>
                    Run again
                </ButtonLink>
            )}
            {hasEnded(job) && (
                <Button look={["quiet", ...look]} onClick={() => setAsking("delete")}>
                    Delete
                </Button>
            )}
            {asking === "cancel" && (
                <Confirm title={`Cancel “${commandTitle(job.command)}”?`} yes="Cancel the job" danger onYes={() => api.remove(`/jobs/${job._id}/enqueueings`)} onClose={() => setAsking(undefined)}>
                    {job.status === "init"
                        ? "It has not begun: nothing is changed by it."
                        : "It is asked to stop. What it has in hand it finishes or takes back first, which may take a moment; what is done already stays done."}
                </Confirm>
            )}
            {asking === "delete" && (
                <Confirm
                    title={`Delete this “${commandTitle(job.command)}” and its log?`}
                    yes="Delete"
                    danger
                    onYes={async () => {
                        await api.remove(`/jobs/${job._id}`, job._etag);
                        if (onDeleted) onDeleted();
                        else route("/web/jobs");
                    }}
                    onClose={() => setAsking(undefined)}
                >
                    The record of the job and its log are lost. The deployments that it made stay.
                </Confirm>
            )}
        </span>
    );
}
