import { useLocation, useRoute } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { api, type Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Button, ButtonLink } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { CheckField, SelectField, TextField } from "~/parts/Field";
import { Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { issueOf, useAction } from "~/parts/useAction";
import { APPROVE_CHOICES } from "~/pages/run/commands";

import type { Overview } from "../applications/overview";
import { bodyOf, COMMANDS, EMPTY, EVENTS, formOf, type Webhook, type WebhookForm as Form } from "./webhook";

export default function WebhookForm() {
    const id = useRoute().params.id;
    const { route, query: asked } = useLocation();
    const stored = useQuery<Webhook>(id ? `/webhooks/${id}` : null);
    const overview = useQuery<Overview>("/overview");
    const [form, setForm] = useState<Form>({ ...EMPTY, app_id: asked.app ?? "" });
    const app = useQuery<Schemas["App"]>(form.app_id ? `/apps/${form.app_id}` : null);
    const { error, busy, run } = useAction();
    const etag = stored.data?._etag;

    useEffect(() => {
        if (stored.data) setForm(formOf(stored.data));
    }, [etag]);

    if (id && !stored.data) return stored.error ? <Failure error={stored.error} retry={stored.reload} /> : <Loading what="the webhook" />;
    const set = (changes: Partial<Form>) => setForm({ ...form, ...changes });
    const modules = (app.data?.modules ?? []).map((module) => module.name ?? "");
    const submit = async (event: Event) => {
        event.preventDefault();
        const body = bodyOf(form, !id);
        if (await run(() => (id ? api.patch(`/webhooks/${id}`, body, etag ?? "") : api.post("/webhooks", body)))) route("/web/webhooks");
    };

    return (
        <>
            <PageHead title={id ? "Edit webhook" : "New webhook"} crumbs={<a href="/web/webhooks">Webhooks</a>} />
            <Card>
                <form class="form" onSubmit={submit}>
                    <div class="row">
                        <SelectField
                            label="Application"
                            required
                            value={form.app_id}
                            disabled={!!id}
                            issue={issueOf(error, "app_id")}
                            onInput={(app_id) => set({ app_id, module: "" })}
                            choices={[
                                { value: "", label: "Choose one" },
                                ...(overview.data?.apps ?? []).map((one) => ({ value: one.app_id, label: `${one.name}/${one.env}/${one.role}` })),
                            ]}
                        />
                        <SelectField
                            label="Module"
                            value={form.module}
                            issue={issueOf(error, "module")}
                            onInput={(module) => set({ module })}
                            choices={[{ value: "", label: form.app_id ? "Choose one" : "Choose the application first" }, ...modules.map((name) => ({ value: name, label: name }))]}
                        />
                        <TextField
                            label="Revision"
                            required
                            value={form.rev}
                            issue={issueOf(error, "rev")}
                            hint="A regular expression: ^main$ is the branch main, ^v[0-9] all version tags"
                            onInput={(rev) => set({ rev })}
                        />
                    </div>
                    <fieldset class="checks">
                        <legend>On</legend>
                        {EVENTS.map((event) => (
                            <CheckField
                                key={event}
                                label={event}
                                checked={form.events.includes(event)}
                                onInput={(on) => set({ events: on ? [...form.events, event] : form.events.filter((one) => one !== event) })}
                            />
                        ))}
                    </fieldset>
                    {issueOf(error, "events") && <span class="issue">{issueOf(error, "events")}</span>}
                    <div class="row">
                        <SelectField
                            label="Runs"
                            value={form.command}
                            issue={issueOf(error, "commands")}
                            onInput={(command) => set({ command })}
                            choices={COMMANDS.map((command) => ({ value: command, label: command }))}
                        />
                        {form.command === "deploy" ? (
                            <>
                                <SelectField
                                    label="Strategy"
                                    value={form.strategy}
                                    onInput={(strategy) => set({ strategy })}
                                    choices={[
                                        { value: "serial", label: "One instance after the other" },
                                        { value: "parallel", label: "All instances at once" },
                                    ]}
                                />
                                <TextField
                                    label="Batches of a safe deployment"
                                    value={form.safe}
                                    placeholder="none"
                                    hint="1by1, 1/3, 25%, 50%, a number, a share; empty: not a safe one"
                                    suggestions={["1by1", "1/3", "25%", "50%"].map((value) => ({ value }))}
                                    onInput={(safe) => set({ safe })}
                                />
                                <SelectField label="Waits for an approval" value={form.approve} onInput={(approve) => set({ approve })} choices={APPROVE_CHOICES.map(([value, label]) => ({ value, label }))} />
                            </>
                        ) : (
                            <TextField label="Instance type" value={form.instance_type} placeholder="the application's" onInput={(instance_type) => set({ instance_type })} />
                        )}
                    </div>
                    {issueOf(error, "options") && <span class="issue">{issueOf(error, "options")}</span>}
                    <TextField
                        label="Secret"
                        type="password"
                        autocomplete="new-password"
                        value={form.secret_token}
                        issue={issueOf(error, "secret_token")}
                        hint={stored.data?.secret_token_set ? "One is set; what is written here replaces it" : "The same is given to the repository's settings; without it anybody who knows the address can start the job"}
                        onInput={(secret_token) => set({ secret_token })}
                    />
                    <Failure error={error} />
                    <div class="buttons">
                        <Button type="submit" look="primary" disabled={busy || !form.app_id}>
                            {id ? "Save" : "Create webhook"}
                        </Button>
                        <ButtonLink look="quiet" href="/web/webhooks">
                            Not now
                        </ButtonLink>
                    </div>
                </form>
            </Card>
        </>
    );
}
