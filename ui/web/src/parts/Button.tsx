import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

type Look = "primary" | "danger" | "quiet" | "small" | "icon";

const classes = (look?: Look | Look[]) => ["button", ...(look ? [look].flat() : [])].join(" ");

type ButtonProps = Omit<JSX.HTMLAttributes<HTMLButtonElement>, "onClick"> & {
    look?: Look | Look[];
    disabled?: boolean;
    type?: "button" | "submit";
    /** While what it returns is under way, it cannot be pressed again. */
    onClick?: (event: MouseEvent) => unknown;
};

export function Button({ look, onClick, disabled, type = "button", ...rest }: ButtonProps) {
    const [busy, setBusy] = useState(false);
    const press = async (event: MouseEvent) => {
        const work = onClick?.(event);
        if (!(work instanceof Promise)) return;
        setBusy(true);
        try {
            await work;
        } finally {
            setBusy(false);
        }
    };
    return <button {...rest} type={type} class={classes(look)} disabled={disabled || busy} aria-busy={busy} onClick={press} />;
}

export function ButtonLink({ look, href, children, ...rest }: { look?: Look | Look[]; href: string; children: ComponentChildren; title?: string; download?: string }) {
    return (
        <a {...rest} href={href} class={classes(look)}>
            {children}
        </a>
    );
}
