/** What an audit note says was changed. */
export type FieldChange = { field: string; from: string; to: string };

const LONGEST = 300;

function words(value: unknown): string {
    if (value === undefined || value === null) return "";
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const PAGES: Record<string, (id: string) => string> = {
    app: (id) => `/web/apps/${id}`,
    job: (id) => `/web/jobs/${id}`,
    webhook: (id) => `/web/webhooks/${id}/edit`,
};

/** Where what was changed is shown; undefined: nowhere of its own, or no longer. */
export function pageOf({ action, resource, target }: { action: string; resource: string; target: string }): string | undefined {
    return action === "delete" || !/^[0-9a-f]{24}$/.test(target) ? undefined : PAGES[resource]?.(target);
}

export function changesOf(change: unknown): FieldChange[] {
    if (typeof change !== "object" || change === null) return [];
    return Object.entries(change as Record<string, unknown>).map(([field, inside]) => {
        const { from, to } = (typeof inside === "object" && inside !== null ? inside : { to: inside }) as { from?: unknown; to?: unknown };
        return { field, from: words(from), to: words(to) };
    });
}
