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
    from?: { revision: string; commit: string } | null;
    commits?: PlanCommit[];
    commits_total?: number;
    files?: PlanFile[];
    files_total?: number;
    message?: string;
};
export type Plan = {
    modules?: PlanModule[];
    /** agent: "connected", "away" or "none" */
    instances?: { instance_id: string; agent: string }[];
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

/** What stands in the way, and what is only good to know. */
export function sortWarnings(warnings: string[] = []): { bad: string[]; others: string[] } {
    const bad = warnings.filter((warning) => /^the job would (fail|be aborted)/.test(warning));
    return { bad, others: warnings.filter((warning) => !bad.includes(warning)) };
}

/** As a sentence that stands alone. */
export function sentence(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How many of the list are not in it. */
export function more(total: number | undefined, shown: number): number {
    return Math.max(0, (total ?? shown) - shown);
}
