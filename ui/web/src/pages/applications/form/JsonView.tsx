/** The same document as JSON. What is whole goes into the form at once. */
import { useEffect, useState } from "preact/hooks";

import { Card } from "~/parts/Card";
import { CodeEditor } from "~/parts/code/CodeEditor";

import { type Doc, isObject, sameJson, toDraft, toWire } from "./document";
import type { IssueAt } from "./issues";
import { lineOfPath, type Problem, readJson } from "./json_tree";

/** Text that is no JSON yet, and what is wrong with it. */
export type Kept = { text: string; problem: Problem };

type Props = {
    draft: Doc;
    issues: IssueAt[];
    /** What of the issues is looked at. */
    shown: string | undefined;
    readOnly?: boolean;
    /** Of an earlier look. */
    kept: Kept | undefined;
    onKeep: (kept: Kept | undefined) => void;
    onDraft: (draft: Doc) => void;
};

const write = (draft: Doc) => JSON.stringify(toWire(draft), null, 4);

export default function JsonView({ draft, issues, shown, readOnly, kept, onKeep, onDraft }: Props) {
    const [text, setText] = useState(kept?.text ?? write(draft));
    const problem = kept?.problem;

    const read = (now: string) => {
        const parsed = readJson(now);
        const wrong = "problem" in parsed ? parsed.problem : isObject(parsed.value) ? undefined : { line: 1, column: 1, text: "An application is an object: { … }" };
        onKeep(wrong && { text: now, problem: wrong });
        if (!wrong && "value" in parsed) onDraft(toDraft(parsed.value as Doc));
    };

    useEffect(() => {
        // Changed by other hands: blank rows left out when it was saved, theirs taken.
        const parsed = readJson(text);
        if ("value" in parsed && isObject(parsed.value) && !sameJson(toWire(toDraft(parsed.value)), toWire(draft))) setText(write(draft));
    }, [draft]);

    const wrongLine = problem?.line ?? (shown !== undefined || issues.length ? lineOfPath(text, shown ?? issues[0]!.path) : undefined);
    return (
        <Card>
            <div class="form">
                <p class="dim small">As the API has it: scripts are base64 here. What is written here is in the form too, and the other way round.</p>
                <div data-path="json">
                    <CodeEditor
                        label="The application as JSON"
                        language="json"
                        tall
                        value={text}
                        readOnly={readOnly}
                        invalid={problem !== undefined}
                        errorLine={wrongLine}
                        onInput={(now) => {
                            setText(now);
                            read(now);
                        }}
                    />
                </div>
            </div>
        </Card>
    );
}
