/** Which lanes are shown: none chosen, all together; one, that alone; more, beside each other. It is in the address. */
import { CONTROLLER } from "./line_store";

export const COLUMNS_MAX = 4;

const NAME = new RegExp(`^(${CONTROLLER}|i-[0-9a-z]+)$`);

/** Of "?lanes=i-0a,i-0b". What is no lane's name is left out. */
export function lanesOfSearch(search: string): string[] {
    const names = (new URLSearchParams(search).get("lanes") ?? "").split(",").filter((name) => NAME.test(name));
    return [...new Set(names)].slice(0, COLUMNS_MAX);
}

/** The same search with these lanes, "" when nothing is left of it. */
export function searchWithLanes(search: string, names: readonly string[]): string {
    const others = new URLSearchParams(search);
    others.delete("lanes");
    // Commas as they are: the address is read by people too.
    const parts = [others.toString(), names.length ? `lanes=${names.join(",")}` : ""].filter(Boolean);
    return parts.length ? `?${parts.join("&")}` : "";
}

/** What stands beside each other first: the one that is looked at and the next, instances rather than the controller. */
export function firstColumns(known: readonly string[], chosen: readonly string[]): string[] {
    const instances = known.filter((name) => name !== CONTROLLER);
    const order = [...chosen, ...instances, CONTROLLER];
    return [...new Set(order)].slice(0, 2).sort((a, b) => known.indexOf(a) - known.indexOf(b));
}

/** With the next one that has no column yet. */
export function withColumn(known: readonly string[], chosen: readonly string[]): string[] {
    const next = [...known.filter((name) => name !== CONTROLLER), CONTROLLER].find((name) => known.includes(name) && !chosen.includes(name));
    return next && chosen.length < COLUMNS_MAX ? [...chosen, next] : [...chosen];
}

/** Another one in a column. The one that was there takes the other's place where that has one. */
export function withLane(chosen: readonly string[], column: number, name: string): string[] {
    const before = chosen[column]!;
    return chosen.map((one, at) => (at === column ? name : one === name ? before : one));
}

/** What a lane is called where it is chosen. */
export function laneLabel(name: string): string {
    return name === CONTROLLER ? "Controller" : name;
}
