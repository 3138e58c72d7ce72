/** What a job would do, as the controller works it out beforehand. */
import { api, ApiError } from "~/api/client";

import type { JobBody } from "./job_body";

export type PlanCommit = { id: string; subject?: string; author?: string; date?: string };
export type PlanFile = { path: string; change?: string };
export type PlanModule = {
    name: string;
    revision?: string;
    commit?: PlanCommit | null;
    /** What is live. */
    from?: string | PlanCommit | null;
    commits?: PlanCommit[];
    commits_total?: number;
    files?: PlanFile[];
    files_total?: number;
    message?: string;
};
export type Plan = {
    modules?: PlanModule[];
    instances?: { instance_id: string; agent?: unknown }[];
    batches?: string[][];
    capacity?: { total: number; min_in_service: number };
    warnings?: string[];
};

/** null: this controller makes no plans. */
export async function askPlan(body: JobBody, signal?: AbortSignal): Promise<Plan | null> {
    try {
        return await api.post<Plan>("/plans", body, { signal });
    } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 405)) return null;
        throw error;
    }
}

export function shortId(id: string): string {
    return /^[0-9a-f]{12,}$/.test(id) ? id.slice(0, 10) : id;
}

export function fromWords(from: PlanModule["from"]): string {
    if (!from) return "";
    return typeof from === "string" ? shortId(from) : shortId(from.id ?? "");
}

/** How many of the list are not in it. */
export function more(total: number | undefined, shown: number): number {
    return Math.max(0, (total ?? shown) - shown);
}
