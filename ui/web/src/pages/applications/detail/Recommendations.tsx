import { may } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { ButtonLink } from "~/parts/Button";
import { Notice } from "~/parts/Notice";
import { Ago } from "~/parts/Time";

import type { App } from "../ApplicationPage";
import { type CommandFields, type PendingChange, recommend } from "./recommend";

function Changes({ changes }: { changes: PendingChange[] }) {
    return (
        <>
            {changes.map((change, at) => (
                <span key={change.field}>
                    {at > 0 && ", "}
                    <code>{change.field}</code>{" "}
                    <span class="dim small">
                        ({change.user}, <Ago at={change.updated} />)
                    </span>
                </span>
            ))}
        </>
    );
}

/** Commands that bring what was edited to the instances, each with the button that runs it. */
export function Recommendations({ app }: { app: App }) {
    const fields = useQuery<CommandFields>(`/commands/fields/${app._id}`);
    const changes = (app.pending_changes ?? []) as PendingChange[];
    const chosen = fields.data ? recommend(changes, fields.data) : [];

    if (chosen.length === 0) return null;
    return (
        <div class="stack recommendations">
            {chosen.map((one) => (
                <Notice
                    key={one.command}
                    tone="warn"
                    action={
                        may("operator") && (
                            <ButtonLink look="small" href={`/web/apps/${app._id}/run/${one.command}`}>
                                Run {one.command}
                            </ButtonLink>
                        )
                    }
                >
                    Changed and not applied yet: <Changes changes={one.changes} />. <strong>{one.command}</strong> applies it.
                </Notice>
            ))}
        </div>
    );
}
