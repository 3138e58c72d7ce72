/** Jobs as the API shows them, with their application in place. */
import type { Schemas } from "~/api/client";

export type JobApp = Pick<Schemas["App"], "name" | "env" | "role" | "blue_green"> & { _id: string };
export type JobModule = { name: string; rev?: string; deploy_id?: string };
export type JobProgress = { phase?: string; instances_total?: number; instances_done?: number; instances_failed?: number; batch?: number; batches?: number };

export type Job = Omit<Schemas["Job"], "app_id" | "modules" | "options"> & {
    _created: string;
    _updated: string;
    _etag: string;
    /** null: it is gone. */
    app_id: JobApp | null;
    command: string;
    status: string;
    options?: string[];
    modules?: JobModule[];
    progress?: JobProgress | null;
};

export const STATUSES = ["init", "started", "done", "failed", "aborted", "cancelled"];
export const STATUS_WORDS: Record<string, string> = { init: "waiting", started: "running" };

export function hasEnded(job: { status: string }): boolean {
    return job.status !== "init" && job.status !== "started";
}

export function hasFailed(job: { status: string }): boolean {
    return job.status === "failed" || job.status === "aborted";
}

export function appLabel(app: Pick<JobApp, "name" | "env" | "role">): string {
    return `${app.name} ${app.env} ${app.role}`;
}

export function againPath(job: Job): string | null {
    return job.app_id ? `/web/apps/${job.app_id._id}/run/${job.command}?job=${job._id}` : null;
}

export type Word = { text: string; href?: string };

/** A sentence of the controller's, with the instances and deployments in it to go to. */
export function linked(text: string): Word[] {
    const words: Word[] = [];
    let at = 0;
    for (const found of text.matchAll(/\bi-[0-9a-f]{8,17}\b|(?<![0-9a-z-])[0-9a-f]{24}\b/g)) {
        if (found.index > at) words.push({ text: text.slice(at, found.index) });
        words.push({ text: found[0], href: found[0].startsWith("i-") ? `/web/instances/${found[0]}` : `/web/deployments/${found[0]}` });
        at = found.index + found[0].length;
    }
    if (at < text.length) words.push({ text: text.slice(at) });
    return words;
}

export type Filters = { status: string; command: string; name: string; env: string; role: string; user: string };
export const FILTERS: (keyof Filters)[] = ["status", "command", "name", "env", "role", "user"];

/** As a pattern that means the words themselves. */
const literally = (words: string) => words.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** Of the applications whose jobs are asked for; null: of all. */
export function appsWhere(filters: Filters): Record<string, unknown> | null {
    const where = {
        ...(filters.name ? { name: { $regex: literally(filters.name) } } : {}),
        ...(filters.env ? { env: filters.env } : {}),
        ...(filters.role ? { role: filters.role } : {}),
    };
    return Object.keys(where).length ? where : null;
}

/** appIds null: whatever the application. */
export function jobsWhere(filters: Filters, appIds: string[] | null): Record<string, unknown> {
    return {
        ...(filters.status ? { status: filters.status } : {}),
        ...(filters.command ? { command: filters.command } : {}),
        ...(filters.user ? { user: { $regex: literally(filters.user) } } : {}),
        ...(appIds ? { app_id: { $in: appIds } } : {}),
    };
}
