/** Which commands bring an application's edited fields to its instances. */
export type PendingChange = { field?: string; user?: string; updated?: string };
export type CommandFields = [command: string, fields: string[]][];
export type Recommendation = { command: string; changes: PendingChange[] };

/** Each change is given to the command that applies most of them; the order is the one to run them in. */
export function recommend(changes: PendingChange[], commands: CommandFields): Recommendation[] {
    const open = new Set(changes.map((change) => change.field ?? ""));
    const chosen: Recommendation[] = [];
    while (open.size > 0) {
        let best: [string, string[]] | undefined;
        for (const [command, fields] of commands) {
            const covered = fields.filter((field) => open.has(field));
            if (covered.length > (best?.[1].length ?? 0)) best = [command, covered];
        }
        if (!best) break;
        const [command, covered] = best;
        chosen.push({ command, changes: changes.filter((change) => covered.includes(change.field ?? "")) });
        for (const field of covered) open.delete(field);
    }
    const order = (one: Recommendation) => commands.findIndex(([command]) => command === one.command);
    return chosen.sort((a, b) => order(a) - order(b));
}

/** What no command applies: it counts from the next instance or job on. */
export function leftOver(changes: PendingChange[], chosen: Recommendation[]): PendingChange[] {
    const covered = new Set(chosen.flatMap((one) => one.changes));
    return changes.filter((change) => !covered.has(change));
}
