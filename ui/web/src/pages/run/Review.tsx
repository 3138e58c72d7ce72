import { useLocation } from "preact-iso";
import { useEffect, useRef, useState } from "preact/hooks";

import { api, ApiError, type Schemas } from "~/api/client";
import { fromBase64 } from "~/parts/base64";
import { Button } from "~/parts/Button";
import { Card, Facts } from "~/parts/Card";
import { TextField } from "~/parts/Field";
import { Failure, Notice } from "~/parts/Notice";

import { batchesText } from "./batches";
import type { Command } from "./commands";
import { type JobBody, optionsInWords, readOptions } from "./job_body";
import type { RunningInstance } from "./OptionField";
import type { Plan } from "./plan";
import { PlanView } from "./PlanView";

type ReviewProps = {
    app: Schemas["App"];
    command: Command;
    body: JobBody;
    /** null: none was made. */
    plan: Plan | null;
    planError?: ApiError;
    instances: RunningInstance[];
    onBack: () => void;
    /** What is wrong is the form's. */
    onRefused: (why: ApiError) => void;
};

const hasContent = (plan: Plan) => [plan.warnings, plan.modules, plan.batches].some((some) => some && some.length > 0);

/** What will be done, before it is. */
export function Review({ app, command, body, plan, planError, instances, onBack, onRefused }: ReviewProps) {
    const [typed, setTyped] = useState("");
    const [error, setError] = useState<ApiError>();
    const { route } = useLocation();
    const head = useRef<HTMLDivElement>(null);
    useEffect(() => head.current?.focus(), []);
    const sure = !command.danger || typed.trim() === app.name;

    const run = async () => {
        if (!sure) return;
        setError(undefined);
        try {
            const made = await api.post<{ _id: string }>("/jobs", body);
            route(`/web/jobs/${made._id}`);
        } catch (why) {
            const said = why instanceof ApiError ? why : new ApiError(0, String(why));
            if (said.status === 422) onRefused(said);
            else setError(said);
        }
    };

    const words = optionsInWords(command.name, body.options, body.instance_type);
    const values = readOptions(command, body.options);
    return (
        <form
            class="form run-form"
            onSubmit={(event) => {
                event.preventDefault();
                void run();
            }}
        >
            <div tabIndex={-1} ref={head} class="run-head">
                <h2>{plan ? "The plan" : "What will be done"}</h2>
            </div>
            {command.danger && <Notice tone="bad">{command.danger} This cannot be taken back.</Notice>}
            {planError && <Notice tone="warn">No plan could be made: {planError.message}</Notice>}
            <Card>
                <Facts
                    rows={[
                        ["Application", `${app.name} · ${app.env} · ${app.role}`],
                        ["Command", command.title],
                        ["Modules", !plan?.modules?.length && body.modules?.length ? body.modules.map(({ name, rev }) => `${name} at ${rev === "HEAD" ? "its default revision" : rev}`).join(", ") : null],
                        ...words.filter(([, , option]) => option?.kind !== "script").map(([label, text]): [string, string] => [label, text]),
                        ["Instances", !plan && command.fleet && values.strategy !== "single" ? batchesText(values.safe ?? "", instances.length) : null],
                        ["Running now", command.danger ? `${instances.length} ${instances.length === 1 ? "instance" : "instances"}` : null],
                    ]}
                />
                {values.script && <pre class="run-script">{fromBase64(body.options[0] ?? "")}</pre>}
            </Card>
            {plan && hasContent(plan) && (
                <Card>
                    <PlanView plan={plan} />
                </Card>
            )}
            {command.danger && <TextField label={`Type the application's name, ${app.name}, to go on`} value={typed} onInput={setTyped} />}
            <Failure error={error} />
            <div class="buttons">
                <Button look={command.danger ? "danger" : "primary"} disabled={!sure} onClick={run}>
                    {command.verb}
                </Button>
                <Button look="quiet" onClick={onBack}>
                    Change something
                </Button>
            </div>
        </form>
    );
}
