import { type Page, query, type Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { CodeEditor } from "~/parts/code/CodeEditor";
import { CheckField, type Choice, SelectField, TextField } from "~/parts/Field";

import { batchesText } from "./batches";
import { BATCH_CHOICES, type CommandOption } from "./commands";
import type { AppModule } from "./ModulesField";

export type RunningInstance = { instance_id: string; private_ip?: string; state?: string; bootstrapped?: boolean; purpose?: string };

export type OptionContext = { appId: string; modules: AppModule[]; instances: RunningInstance[] };

type Props = { option: CommandOption; value: string; onInput: (value: string) => void; issue?: string; context: OptionContext };

/** The input for an option, as its kind asks for. */
export function OptionField(props: Props) {
    const { option, value, onInput, issue, context } = props;
    const common = { label: option.label, hint: option.hint, issue, required: option.required };
    switch (option.kind) {
        case "choice":
            return <SelectField {...common} value={value} onInput={onInput} choices={option.choices!.map(([word, label]) => ({ value: word, label }))} />;
        case "check":
            return <CheckField label={option.label} checked={value !== ""} onInput={(on) => onInput(on ? option.on! : "")} hint={option.hint} issue={issue} />;
        case "batches":
            return <BatchesField {...props} />;
        case "module":
            return (
                <SelectField
                    {...common}
                    value={value}
                    onInput={onInput}
                    choices={[{ value: "", label: "No module: as root in /tmp" }, ...context.modules.map(({ name }) => ({ value: name, label: `${name}, and as its owner` }))]}
                />
            );
        case "instance":
            return <InstanceField {...props} />;
        case "subnet":
            return <SubnetField {...props} />;
        case "instance_type":
            return <TypeField {...props} />;
        case "deployment":
            return <DeploymentField {...props} />;
        case "script":
            return <ScriptField {...props} />;
        default:
            return <TextField {...common} type={option.kind === "number" ? "number" : "text"} min={option.kind === "number" ? 0 : undefined} value={value} onInput={onInput} />;
    }
}

/** The editor has its own label; this one is for the eye. */
function ScriptField({ option, value, onInput, issue }: Props) {
    return (
        <div class="field">
            <span class="label" aria-hidden="true">
                {option.label} *
            </span>
            <CodeEditor label={option.label} language="shell" value={value} onInput={onInput} invalid={!!issue} />
            {option.hint && <span class="hint">{option.hint}</span>}
            {issue && <span class="issue">{issue}</span>}
        </div>
    );
}

const OWN = "own";

function BatchesField({ option, value, onInput, issue, context }: Props) {
    const known = BATCH_CHOICES.some(([word]) => word === value);
    const count = context.instances.length;
    return (
        <div class="batches">
            <SelectField
                label={option.label}
                hint={`${option.hint ?? ""}. Now: ${batchesText(value === OWN ? "" : value, count)}`}
                issue={known ? issue : undefined}
                value={known ? value : OWN}
                onInput={(word) => onInput(word === OWN ? "2" : word)}
                choices={[...BATCH_CHOICES.map(([word, label]) => ({ value: word, label })), { value: OWN, label: "So many, or such a share, at a time" }]}
            />
            {!known && <TextField label="At a time" hint="Instances (3) or a share of them (10%)" value={value} onInput={onInput} issue={issue} />}
        </div>
    );
}

/** Where the place is an address (one instance alone), that is sent; else the instance's id. */
function InstanceField({ option, value, onInput, issue, context }: Props) {
    const byAddress = option.key === "address";
    const choices: Choice[] = context.instances.map((one) => ({ value: (byAddress ? one.private_ip : one.instance_id) ?? "", label: `${one.instance_id} ${one.private_ip ?? ""}` }));
    if (value && !choices.some((choice) => choice.value === value)) choices.push({ value, label: value });
    return <SelectField label={option.label} required value={value} onInput={onInput} issue={issue} hint={context.instances.length ? option.hint : "No instance of the application runs"} choices={[{ value: "", label: "Choose one" }, ...choices]} />;
}

function SubnetField({ option, value, onInput, issue, context }: Props) {
    const subnets = useQuery<{ _items: { id: string; name?: string; cidr?: string; zone?: string; free_addresses?: number }[] }>(query("/aws/subnets", { app_id: context.appId }));
    return (
        <TextField
            label={option.label}
            hint={option.hint}
            issue={issue}
            value={value}
            onInput={onInput}
            suggestions={subnets.data?._items.map((one) => ({ value: one.id, label: [one.name, one.cidr, one.zone, `${one.free_addresses ?? "?"} free`].filter(Boolean).join(", ") }))}
        />
    );
}

function TypeField({ option, value, onInput, issue, context }: Props) {
    const types = useQuery<{ _items: { name: string; cpus?: number; memory_mib?: number }[] }>(query("/aws/instance-types", { app_id: context.appId }));
    return (
        <TextField
            label={option.label}
            hint={option.hint}
            issue={issue}
            value={value}
            onInput={onInput}
            suggestions={types.data?._items.map((one) => ({ value: one.name, label: `${one.name}: ${one.cpus} CPU, ${Math.round((one.memory_mib ?? 0) / 102.4) / 10} GiB` }))}
        />
    );
}

function DeploymentField({ option, value, onInput, issue, context }: Props) {
    const made = useQuery<Page<Schemas["Deployment"]>>(query("/deployments", { where: { app_id: context.appId }, sort: "-timestamp", max_results: 100 }));
    const choices: Choice[] = (made.data?._items ?? []).map((one) => ({
        value: one._id,
        label: `${one.module} ${one.revision ?? ""} ${one.commit ?? ""} · ${new Date(Number(one.timestamp) * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })} · ${one.commit_message ?? ""}`.slice(0, 110),
    }));
    if (value && !choices.some((choice) => choice.value === value)) choices.unshift({ value, label: value });
    return (
        <SelectField
            label={option.label}
            required
            value={value}
            onInput={onInput}
            issue={issue}
            hint={made.data?._items.length === 0 ? "Nothing has been deployed yet" : "Its package is brought again, as it was"}
            choices={[{ value: "", label: "Choose one" }, ...choices]}
        />
    );
}
