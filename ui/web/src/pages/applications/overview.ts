/** /overview: who runs what, of one application or of all. */
import type { Tone } from "~/parts/Badge";

export type Release = { manifest_sha256: string; revision: string; commit: string };
export type ModuleOverview = {
    name: string;
    wanted: (Release & { deployment_id: string }) | null;
    running: (Release & { instances: number })[];
};
export type AppState = "never_deployed" | "behind" | "current" | "mixed";
export type AppOverview = {
    app_id: string;
    name: string;
    env: string;
    role: string;
    state: AppState;
    instances: { total: number; connected: number; behind: number };
    modules: ModuleOverview[];
    last_job: { _id: string; command: string; status: string; _created: string } | null;
};
export type Overview = { apps: AppOverview[] };

export const STATES: Record<AppState, { words: string; tone: Tone; meaning: string }> = {
    never_deployed: { words: "never deployed", tone: "plain", meaning: "Nothing was deployed yet" },
    behind: { words: "behind", tone: "warn", meaning: "Instances do not run what was deployed last" },
    current: { words: "current", tone: "good", meaning: "Every instance runs what was deployed last" },
    mixed: { words: "mixed", tone: "bad", meaning: "Instances run different releases" },
};

export type Filter = { env: string; role: string; name: string };

export function environments(apps: AppOverview[]): string[] {
    return [...new Set(apps.map((app) => app.env))].sort();
}

export function matching(apps: AppOverview[], filter: Filter): AppOverview[] {
    const word = filter.name.trim().toLowerCase();
    return apps
        .filter((app) => (!filter.env || app.env === filter.env) && (!filter.role || app.role === filter.role) && (!word || app.name.toLowerCase().includes(word)))
        .sort((a, b) => a.name.localeCompare(b.name) || a.env.localeCompare(b.env) || a.role.localeCompare(b.role));
}

/** "v2" and its commit, or one of them. */
export function releaseWords(release: { revision?: string; commit?: string } | null | undefined): string {
    if (!release) return "nothing";
    const commit = release.commit?.slice(0, 7) ?? "";
    if (!release.revision) return commit || "unknown";
    return commit && !release.revision.startsWith(commit) ? `${release.revision} (${commit})` : release.revision;
}
