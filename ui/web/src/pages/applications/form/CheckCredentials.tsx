/** Asks AWS something small with the account and role that are written. */
import { useState } from "preact/hooks";

import { api, ApiError, query } from "~/api/client";
import { Button } from "~/parts/Button";

import { identityOf } from "./choices";
import type { OwnProps } from "./spec";

export function CheckCredentials({ place }: OwnProps) {
    const [said, setSaid] = useState<{ good: boolean; text: string }>();
    const identity = identityOf(place.draft);
    const check = async () => {
        setSaid(undefined);
        try {
            const answer = await api.get<{ region?: string }>(query("/aws/regions", identity));
            setSaid({ good: true, text: identity.assumed_role_name ? `The role can be assumed in ${answer.region ?? "its region"}` : `The controller's own credentials work in ${answer.region ?? "its region"}` });
        } catch (error) {
            setSaid({ good: false, text: error instanceof ApiError ? error.message : String(error) });
        }
    };
    return (
        <div class="buttons">
            <Button look="small" onClick={check}>
                Check credentials
            </Button>
            <span role="status" class={said ? `small ${said.good ? "well" : "unwell"}` : undefined}>
                {said?.text}
            </span>
        </div>
    );
}
