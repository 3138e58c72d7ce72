import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { ApiError } from "~/api/client";

import { Button } from "./Button";
import { Failure } from "./Notice";

type DialogProps = { title: string; onClose: () => void; wide?: boolean; children: ComponentChildren; actions?: ComponentChildren };

/** Modal; Escape closes it. The browser keeps the focus inside and gives it back. */
export function Dialog({ title, onClose, wide, children, actions }: DialogProps) {
    const box = useRef<HTMLDialogElement>(null);
    const id = useId();
    useEffect(() => {
        box.current?.showModal();
        return () => box.current?.close();
    }, []);
    return (
        <dialog
            ref={box}
            class={wide ? "dialog wide" : "dialog"}
            aria-labelledby={id}
            onCancel={(event) => {
                event.preventDefault();
                onClose();
            }}
        >
            <div class="inside">
                <h2 id={id}>{title}</h2>
                {children}
                {actions && <div class="buttons">{actions}</div>}
            </div>
        </dialog>
    );
}

type ConfirmProps = { title: string; children: ComponentChildren; yes: string; danger?: boolean; onYes: () => Promise<unknown>; onClose: () => void };

/** Asks before something is done; says in place why it could not be. */
export function Confirm({ title, children, yes, danger, onYes, onClose }: ConfirmProps) {
    const [error, setError] = useState<ApiError>();
    const act = async () => {
        setError(undefined);
        try {
            await onYes();
            onClose();
        } catch (why) {
            setError(why instanceof ApiError ? why : new ApiError(0, String(why)));
        }
    };
    return (
        <Dialog
            title={title}
            onClose={onClose}
            actions={
                <>
                    <Button look={danger ? "danger" : "primary"} onClick={act}>
                        {yes}
                    </Button>
                    <Button look="quiet" onClick={onClose}>
                        Not now
                    </Button>
                </>
            }
        >
            <div>{children}</div>
            <Failure error={error} />
        </Dialog>
    );
}
