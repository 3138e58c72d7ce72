/** Features that are known by name: of the presets, and of other applications. */
import { useEffect, useState } from "preact/hooks";

import { api, type Page, query } from "~/api/client";

import type { Choice } from "./choices";
import type { Preset } from "./rules";

type Used = { name?: string; env?: string; features?: { name?: string; provisioner?: string }[] };
export type Known = { name: string; provisioner: string; from: string };

const APPS_MAX = 200;
const FRESH_MS = 60_000;
const FROM_MAX = 3;

export function gather(presets: Preset[], apps: Used[]): Known[] {
    const ofPresets = presets.flatMap((preset) => (preset.features ?? []).map((one) => ({ name: one.name, provisioner: one.provisioner ?? "", from: `preset ${preset.name}` })));
    const ofApps = apps.flatMap((app) => (app.features ?? []).map((one) => ({ name: one.name ?? "", provisioner: one.provisioner ?? "", from: [app.name, app.env].filter(Boolean).join("/") })));
    return [...ofPresets, ...ofApps].filter((one) => one.name);
}

/** Those of a provisioner, each once, with where it is from. "" is salt's other name. */
export function choicesOf(known: Known[], provisioner: string): Choice[] {
    const wanted = provisioner || "salt";
    const places = new Map<string, Set<string>>();
    for (const one of known) if ((one.provisioner || "salt") === wanted) places.set(one.name, (places.get(one.name) ?? new Set()).add(one.from));
    return [...places].sort(([a], [b]) => a.localeCompare(b)).map(([value, from]) => ({ value, label: labelOf([...from]) }));
}

function labelOf(from: string[]): string {
    const more = from.length - FROM_MAX;
    return `Used in ${from.slice(0, FROM_MAX).join(", ")}` + (more > 0 ? ` and ${more} more` : "");
}

let asked: { at: number; known: Promise<Known[]> } | undefined;

/** One question for all fields; without an answer there is nothing to choose from, and one writes. */
function ask(now: number): Promise<Known[]> {
    if (!asked || now - asked.at > FRESH_MS) {
        const nothing = <T>(value: T) => () => value;
        const presets = api.get<Preset[]>("/presets").catch(nothing<Preset[]>([]));
        const apps = api.get<Page<Used>>(query("/apps", { projection: { name: 1, env: 1, features: 1 }, max_results: APPS_MAX })).then((page) => page._items, nothing<Used[]>([]));
        asked = { at: now, known: Promise.all([presets, apps]).then(([one, other]) => gather(one, other)) };
    }
    return asked.known;
}

export function useFeatureNames(provisioner: string): Choice[] {
    const [known, setKnown] = useState<Known[]>([]);
    useEffect(() => {
        let gone = false;
        void ask(Date.now()).then((all) => {
            if (!gone) setKnown(all);
        });
        return () => {
            gone = true;
        };
    }, []);
    return choicesOf(known, provisioner);
}
