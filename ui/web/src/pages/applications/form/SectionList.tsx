import { Card } from "~/parts/Card";

import { Contents, sectionId } from "./Contents";
import { FieldRow } from "./FormField";
import type { IssueAt } from "./issues";
import { SECTIONS } from "./sections";

/** The form from top to bottom, with its contents beside it. */
export function SectionList({ issues, changed }: { issues: IssueAt[]; changed: string[] }) {
    return (
        <div class="app-form">
            <Contents issues={issues} changed={changed} />
            <div class="stack">
                {SECTIONS.map((section) => (
                    <Card title={section.title} id={sectionId(section.id)} key={section.id}>
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
