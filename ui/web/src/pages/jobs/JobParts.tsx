import { Badge } from "~/parts/Badge";
import { parseTime, Took } from "~/parts/Time";
import { optionsInWords } from "~/pages/run/job_body";

import { hasEnded, type Job, type JobApp, linked } from "./job";

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
