/** Which commands bring an application's pending changes to its instances. */
import { type Command, COMMANDS } from "./commands";

export type PendingChange = { field?: string; user?: string; updated?: string };
export type Offer = { name: string; title: string; does: string; danger: boolean; applies: PendingChange[] };

const GROUPS: [title: string, names: string[]][] = [
    ["Modules", ["deploy", "redeploy", "executescript"]],
    ["Image and instances", ["buildimage", "createinstance", "recreateinstances", "destroyinstance", "destroyallinstances"]],
    ["Settings", ["updateautoscaling", "updatelifecyclehooks"]],
    ["Blue/green", ["preparebluegreen", "swapbluegreen", "purgebluegreen"]],
];

/** available: [name, description] as the API lists them; fields: [name, fields]. What no group has comes last. */
export function offers(available: [string, string][], fields: [string, string[]][], pending: PendingChange[]): [title: string, offers: Offer[]][] {
    const applied = new Map(fields);
    const made = available.map(([name, description]): Offer => {
        const command: Command | undefined = COMMANDS.find((one) => one.name === name);
        return {
            name,
            title: command?.title ?? description,
            does: command?.does ?? description,
            danger: !!command?.danger,
            applies: pending.filter((change) => applied.get(name)?.includes(change.field ?? "")),
        };
    });
    const grouped = GROUPS.map(([title, names]): [string, Offer[]] => [title, names.flatMap((name) => made.filter((offer) => offer.name === name))]);
    const known = new Set(GROUPS.flatMap(([, names]) => names));
    return [...grouped, ["Others", made.filter((offer) => !known.has(offer.name))] as [string, Offer[]]].filter(([, some]) => some.length > 0);
}

/** "blue_green": as one says it. */
export function fieldWords(field: string): string {
    return field.replaceAll("_", " ");
}
