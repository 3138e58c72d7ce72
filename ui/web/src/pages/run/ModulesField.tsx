import { useQuery } from "~/api/use_query";
import { Button } from "~/parts/Button";
import { CheckField, TextField } from "~/parts/Field";

export type AppModule = { name: string; source?: { protocol?: string; url?: string }; last_deployment?: { revision?: string; commit?: string } | string | null };
export type Revisions = { kind: string; default: string; revisions: { name: string; type: string; commit?: string; modified?: string; latest?: boolean }[] };

const CHIPS = 6;

type Props = {
    appId: string;
    modules: AppModule[];
    /** Revision by name of those that are chosen. */
    chosen: Record<string, string>;
    onChange: (chosen: Record<string, string>) => void;
    issues: Record<string, string>;
};

export function ModulesField({ appId, modules, chosen, onChange, issues }: Props) {
    const count = Object.keys(chosen).length;
    const toggle = (name: string, on: boolean) => {
        const { [name]: former, ...others } = chosen;
        onChange(on ? { ...others, [name]: former ?? "" } : others);
    };
    return (
        <fieldset class="modules">
            <legend>
                Modules{" "}
                <span class="dim">
                    {count} of {modules.length} chosen
                </span>
            </legend>
            {modules.length > 1 && (
                <Button look="small" onClick={() => onChange(count === modules.length ? {} : Object.fromEntries(modules.map(({ name }) => [name, chosen[name] ?? ""])))}>
                    {count === modules.length ? "None" : "All"}
                </Button>
            )}
            {modules.map((module) => (
                <div class="module" key={module.name}>
                    <CheckField label={module.name} checked={module.name in chosen} onInput={(on) => toggle(module.name, on)} hint={liveText(module)} issue={module.name in chosen ? undefined : issues[module.name]} />
                    {module.name in chosen && (
                        <RevisionField appId={appId} module={module} value={chosen[module.name]!} onInput={(rev) => onChange({ ...chosen, [module.name]: rev })} issue={issues[module.name]} />
                    )}
                </div>
            ))}
        </fieldset>
    );
}

function liveText(module: AppModule): string {
    const last = module.last_deployment;
    if (!last) return "Never deployed";
    return typeof last === "string" ? "" : `Last deployed: ${last.revision ?? ""} ${last.commit ? `(${last.commit})` : ""}`;
}

function revisionLabel(one: Revisions["revisions"][number]): string {
    return `${one.name} (${[one.type, one.commit?.slice(0, 7), one.modified, one.latest && "latest"].filter(Boolean).join(" ")})`;
}

function RevisionField({ appId, module, value, onInput, issue }: { appId: string; module: AppModule; value: string; onInput: (rev: string) => void; issue?: string }) {
    const revisions = useQuery<Revisions>(`/apps/${appId}/modules/${encodeURIComponent(module.name)}/revisions`);
    const known = revisions.data?.revisions ?? [];
    const standard = revisions.data?.default;
    const hint = revisions.error && revisions.error.status !== 404 ? revisions.error.message : standard ? `Left empty: ${standard}` : "A branch, tag or commit; left empty: the default branch";
    return (
        <div class="revision">
            <TextField
                label={<>Revision of {module.name}</>}
                value={value}
                onInput={onInput}
                placeholder={standard ?? "HEAD"}
                issue={issue}
                hint={hint}
                suggestions={known.map((one) => ({ value: one.name, label: revisionLabel(one) }))}
            />
            {known.length > 0 && (
                <div class="chips">
                    {known.slice(0, CHIPS).map((one) => (
                        <button type="button" class="chip" aria-pressed={value === one.name} title={one.type} onClick={() => onInput(one.name)} key={`${one.type} ${one.name}`}>
                            {one.name}
                        </button>
                    ))}
                    {known.length > CHIPS && <span class="dim small">{known.length - CHIPS} more when you write</span>}
                </div>
            )}
        </div>
    );
}
