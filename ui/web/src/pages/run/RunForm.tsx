import "~/parts/code/code.css";

import { useState } from "preact/hooks";

import { ApiError, type Schemas } from "~/api/client";
import { Button, ButtonLink } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { Notice } from "~/parts/Notice";

import { type Command, shownOptions, type Values } from "./commands";
import { formIssues } from "./issues";
import { jobBody } from "./job_body";
import { type AppModule, ModulesField } from "./ModulesField";
import { OptionField, type RunningInstance } from "./OptionField";
import { askPlan, type Plan } from "./plan";
import { Review } from "./Review";

type FormProps = { app: Schemas["App"]; command: Command; instances: RunningInstance[]; first: Values; firstModules: Record<string, string> };

/** Pairs of short inputs stand beside each other; these take a row each. */
const WIDE = ["script", "deployment", "check"];

export function RunForm({ app, command, instances, first, firstModules }: FormProps) {
    const [values, setValues] = useState(first);
    const [chosen, setChosen] = useState(firstModules);
    const [error, setError] = useState<ApiError>();
    const [missing, setMissing] = useState<Record<string, string>>({});
    const [review, setReview] = useState<{ plan: Plan | null; why?: ApiError }>();

    const appModules = (app.modules ?? []) as AppModule[];
    const modules = appModules.filter(({ name }) => name in chosen).map(({ name }) => ({ name, rev: chosen[name]! }));
    const options = shownOptions(command, values);
    const body = jobBody(command, app._id, values, modules);
    const issues = formIssues(error, command, modules);
    const context = { appId: app._id, modules: appModules, instances };

    const set = (key: string, value: string) => {
        setValues({ ...values, [key]: value });
        if (missing[key]) setMissing({ ...missing, [key]: "" });
    };
    const goOn = async () => {
        const lacking: Record<string, string> = {};
        for (const option of options) if (option.required && !values[option.key]?.trim()) lacking[option.key] = "Is needed";
        if (command.modules && modules.length === 0) lacking.modules = "Choose at least one module";
        setMissing(lacking);
        setError(undefined);
        if (Object.values(lacking).some(Boolean)) return;
        try {
            setReview({ plan: await askPlan(body) });
        } catch (why) {
            const said = why instanceof ApiError ? why : new ApiError(0, String(why));
            // What is wrong with the form is said there; that no plan can be made does not keep one from going on.
            if (said.status === 422 || said.status === 400) setError(said);
            else setReview({ plan: null, why: said });
        }
    };

    if (review)
        return (
            <Review
                app={app}
                command={command}
                body={body}
                plan={review.plan}
                planError={review.why}
                instances={instances}
                onBack={() => setReview(undefined)}
                onRefused={(why) => {
                    setError(why);
                    setReview(undefined);
                }}
            />
        );

    const narrow = options.filter((option) => !WIDE.includes(option.kind));
    const field = (option: (typeof options)[number]) => (
        <OptionField key={option.key} option={option} value={values[option.key] ?? ""} onInput={(value) => set(option.key, value)} issue={issues.fields[option.key] || missing[option.key]} context={context} />
    );
    return (
        <form
            class="form run-form"
            noValidate
            onSubmit={(event) => {
                event.preventDefault();
                void goOn();
            }}
        >
            {issues.rest && <Notice tone="bad">{issues.rest}</Notice>}
            {command.modules &&
                (appModules.length === 0 ? (
                    <Notice tone="warn" action={<ButtonLink href={`/web/apps/${app._id}/edit`}>Add a module</ButtonLink>}>
                        The application has no module yet: there is nothing to deploy.
                    </Notice>
                ) : (
                    <Card>
                        {missing.modules && <p class="run-issue" role="alert">{missing.modules}</p>}
                        <ModulesField appId={app._id} modules={appModules} chosen={chosen} onChange={setChosen} issues={issues.modules} />
                    </Card>
                ))}
            {options.length > 0 && (
                <Card>
                    <div class="form">
                        {options.filter((option) => option.kind === "script" || option.kind === "deployment").map(field)}
                        {narrow.length > 0 && <div class="row">{narrow.map(field)}</div>}
                        {options.filter((option) => option.kind === "check").map(field)}
                    </div>
                </Card>
            )}
            {options.length === 0 && !command.modules && <p class="dim">Nothing is to be chosen for this command.</p>}
            <div class="buttons">
                <Button look="primary" onClick={goOn}>
                    See the plan
                </Button>
                <ButtonLink look="quiet" href={`/web/apps/${app._id}`}>
                    Not now
                </ButtonLink>
            </div>
        </form>
    );
}
