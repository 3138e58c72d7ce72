/** Which health check a module has; what the others have is taken away with them. */
import { SelectField } from "~/parts/Field";

import { useForm } from "./context";
import { type Doc, getAt } from "./document";
import { issueAt } from "./issues";
import type { OwnProps } from "./spec";

const MEMBERS: Record<string, string[]> = {
    http: ["port", "path", "status", "host"],
    tcp: ["port", "host"],
    command: ["command"],
};
const ALWAYS = ["interval", "timeout", "deadline", "retries"];

export function withType(check: Doc | undefined, type: string): Doc | undefined {
    if (!type) return undefined;
    const kept = Object.entries(check ?? {}).filter(([name]) => ALWAYS.includes(name) || MEMBERS[type]?.includes(name));
    return { ...Object.fromEntries(kept), type };
}

export function HealthSwitch({ place, set }: OwnProps) {
    const { issues } = useForm();
    const check = getAt(place.draft, `${place.scope}.health_check`) as Doc | undefined;
    return (
        <SelectField
            label="Kind of check"
            value={String(check?.type ?? "")}
            issue={issueAt(issues, `${place.scope}.health_check.type`)}
            onInput={(type) => set("health_check", withType(check, type))}
            choices={[
                { value: "", label: "None" },
                { value: "http", label: "http: a good answer" },
                { value: "tcp", label: "tcp: a connection" },
                { value: "command", label: "command: a script" },
            ]}
        />
    );
}
