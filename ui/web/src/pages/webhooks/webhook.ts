/** A webhook as the form holds it, and as the API wants it. */
import type { Schemas } from "~/api/client";

export type Webhook = Schemas["Webhook"];

export const EVENTS = ["push", "tag", "merge"] as const;
/** What a change of code can start. */
export const COMMANDS = ["deploy", "buildimage"] as const;

const SHOWN = ["fabric_execution_strategy", "safe_deployment_strategy", "approve", "instance_type"];

export type WebhookForm = {
    app_id: string;
    module: string;
    rev: string;
    events: string[];
    command: string;
    /** Empty: as it was. */
    secret_token: string;
    strategy: string;
    safe: string;
    approve: string;
    instance_type: string;
    /** Options that the form has no field for. */
    others: Record<string, string>;
};

export const EMPTY: WebhookForm = { app_id: "", module: "", rev: "^main$", events: ["push"], command: "deploy", secret_token: "", strategy: "serial", safe: "", approve: "", instance_type: "", others: {} };

export function formOf(webhook: Webhook): WebhookForm {
    const options = (webhook.options ?? {}) as Record<string, string | null | undefined>;
    const others = Object.entries(options).filter((one): one is [string, string] => Boolean(one[1]) && !SHOWN.includes(one[0]));
    return {
        app_id: typeof webhook.app_id === "string" ? webhook.app_id : "",
        module: webhook.module ?? "",
        rev: webhook.rev ?? "",
        events: webhook.events ?? [],
        command: webhook.commands?.[0] ?? "deploy",
        secret_token: "",
        strategy: options.fabric_execution_strategy || "serial",
        safe: options.safe_deployment_strategy || "",
        approve: options.approve || "",
        instance_type: options.instance_type || "",
        others: Object.fromEntries(others),
    };
}

export function bodyOf(form: WebhookForm, isNew: boolean): Record<string, unknown> {
    const deploys = form.command === "deploy";
    return {
        ...(isNew ? { app_id: form.app_id } : {}),
        ...(form.module ? { module: form.module } : {}),
        rev: form.rev,
        events: form.events,
        commands: [form.command],
        ...(form.secret_token ? { secret_token: form.secret_token } : {}),
        options: deploys
            ? {
                  fabric_execution_strategy: form.strategy,
                  ...(form.safe ? { safe_deployment_strategy: form.safe } : {}),
                  ...(form.approve ? { approve: form.approve } : {}),
                  ...form.others,
              }
            : form.instance_type
              ? { instance_type: form.instance_type }
              : {},
    };
}

/** The address that a forge calls. */
export function addressOf(id: string, origin: string): string {
    return `${origin}/webhooks/${id}/invocations`;
}
