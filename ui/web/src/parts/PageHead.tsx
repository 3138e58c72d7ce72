import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

/** The title of a page, also of the window. */
export function PageHead({ title, window: windowTitle, crumbs, badges, children, actions }: { title: string; window?: string; crumbs?: ComponentChildren; badges?: ComponentChildren; children?: ComponentChildren; actions?: ComponentChildren }) {
    useEffect(() => {
        document.title = `${windowTitle ?? title} · Ghost`;
    }, [title, windowTitle]);
    return (
        <div class="page-head">
            <div class="titles">
                {crumbs && <div class="crumbs">{crumbs}</div>}
                <h1>
                    {title}
                    {badges}
                </h1>
                {children && <div class="dim">{children}</div>}
            </div>
            {actions && <div class="buttons">{actions}</div>}
        </div>
    );
}
