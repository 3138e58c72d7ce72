/** Everything that is wrong, at the top, each with a way to its field. */
import type { ApiError } from "~/api/client";
import { Notice } from "~/parts/Notice";

import type { Doc } from "./document";
import type { IssueAt } from "./issues";
import { labelOf } from "./labels";

type Props = { failure: ApiError | undefined; issues: IssueAt[]; draft: Doc; onGo: (path: string) => void };

export function IssueSummary({ failure, issues, draft, onGo }: Props) {
    if (!failure) return null;
    if (!issues.length) return <Notice tone="bad">{failure.message}</Notice>;
    return (
        <Notice tone="bad">
            <strong>Not saved: {issues.length === 1 ? "one field is" : `${issues.length} fields are`} not right</strong>
            <ul class="issues">
                {issues.map((issue) => (
                    <li key={issue.path}>
                        <button type="button" class="as-link" onClick={() => onGo(issue.path)}>
                            {labelOf(issue.path, draft)}
                        </button>
                        : {issue.text}
                    </li>
                ))}
            </ul>
        </Notice>
    );
}
