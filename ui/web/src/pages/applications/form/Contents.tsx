/** The sections of the form: where one is, where something is wrong or changed. */
import { useEffect, useState } from "preact/hooks";

import { type IssueAt } from "./issues";
import { SECTIONS } from "./sections";
import { belongsTo } from "./spec";

/** The last one whose head is above the upper part of the window. */
function useCurrent(): string {
    const [current, setCurrent] = useState(SECTIONS[0]!.id);
    useEffect(() => {
        let waiting = false;
        const look = () => {
            waiting = false;
            const line = innerHeight / 3;
            const passed = SECTIONS.filter(({ id }) => (document.getElementById(id)?.getBoundingClientRect().top ?? Infinity) < line);
            const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 4;
            setCurrent((atEnd && scrollY > 0 ? SECTIONS.at(-1)! : (passed.at(-1) ?? SECTIONS[0]!)).id);
        };
        const scrolled = () => {
            if (!waiting) requestAnimationFrame(look);
            waiting = true;
        };
        addEventListener("scroll", scrolled, { passive: true });
        return () => removeEventListener("scroll", scrolled);
    }, []);
    return current;
}

export function Contents({ issues, changed }: { issues: IssueAt[]; changed: string[] }) {
    const current = useCurrent();
    return (
        <nav class="contents" aria-label="Sections">
            {SECTIONS.map((section) => {
                const wrong = issues.filter((issue) => belongsTo(section, issue.path)).length;
                const touched = changed.some((path) => belongsTo(section, path));
                return (
                    <a href={`#${section.id}`} aria-current={section.id === current ? "location" : undefined} key={section.id}>
                        {section.title}
                        {wrong > 0 ? (
                            <span class="badge bad">
                                {wrong}
                                <span class="hidden-text"> wrong</span>
                            </span>
                        ) : (
                            touched && (
                                <span class="touched" title="Changed">
                                    <span class="hidden-text"> changed</span>
                                </span>
                            )
                        )}
                    </a>
                );
            })}
        </nav>
    );
}
