/** Filters of a list, kept in the address: what one sees can be linked to, and Back undoes it. */
import { useLocation } from "preact-iso";

export function useFilters<Name extends string>(...names: Name[]): [Record<Name, string>, (changes: Partial<Record<Name, string>>) => void] {
    const { path, query, route } = useLocation();
    const values = Object.fromEntries(names.map((name) => [name, query[name] ?? ""])) as Record<Name, string>;
    const set = (changes: Partial<Record<Name, string>>) => {
        const words = new URLSearchParams(query);
        for (const [name, value] of Object.entries(changes) as [Name, string | undefined][]) {
            if (value) words.set(name, value);
            else words.delete(name);
        }
        const text = words.toString();
        route(text ? `${path}?${text}` : path, true);
    };
    return [values, set];
}
