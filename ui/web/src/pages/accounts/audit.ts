/** What an audit note says was changed. */
export type FieldChange = { field: string; from: string; to: string };

const LONGEST = 300;

function words(value: unknown): string {
    if (value === undefined || value === null) return "";
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

export function changesOf(change: unknown): FieldChange[] {
    if (typeof change !== "object" || change === null) return [];
    return Object.entries(change as Record<string, unknown>).map(([field, inside]) => {
        const { from, to } = (typeof inside === "object" && inside !== null ? inside : { to: inside }) as { from?: unknown; to?: unknown };
        return { field, from: words(from), to: words(to) };
    });
}
