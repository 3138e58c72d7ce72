import { useEffect } from "preact/hooks";

import { Card } from "~/parts/Card";

import { Contents } from "./Contents";
import { FieldRow } from "./FormField";
import type { IssueAt } from "./issues";
import { SECTIONS } from "./sections";

/** The form from top to bottom, with its contents beside it. */
export function SectionList({ issues, changed }: { issues: IssueAt[]; changed: string[] }) {
    useEffect(() => {
        // The browser looked for it before it was there.
        if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
    }, []);
    return (
        <div class="app-form">
            <Contents issues={issues} changed={changed} />
            <div class="stack">
                {SECTIONS.map((section) => (
                    <Card title={section.title} id={section.id} key={section.id}>
                        <div class="form">
                            {section.about && <p class="dim small">{section.about}</p>}
                            <FieldRow fields={section.fields} scope="" />
                        </div>
                    </Card>
                ))}
            </div>
        </div>
    );
}
