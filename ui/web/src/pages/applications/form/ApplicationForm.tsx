/** Writes an application: as a form, or as JSON. */
import "./form.css";
import "~/parts/code/code.css";

import { useLocation } from "preact-iso";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { onChange } from "~/api/changes";
import { session } from "~/api/client";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import { Notice } from "~/parts/Notice";
import { Tabs } from "~/parts/Tabs";

import { ConflictDialog } from "./ConflictDialog";
import { FormContext } from "./context";
import { type Doc } from "./document";
import { focusField } from "./focus_issue";
import { IssueSummary } from "./IssueSummary";
import { JsonTab } from "./JsonTab";
import type { Kept } from "./JsonView";
import { keepDraft, takeDraft } from "./kept_drafts";
import { useLeaveGuard } from "./leave_guard";
import { SaveBar } from "./SaveBar";
import { SectionList } from "./SectionList";
import { type Stored, readStored, useDraft } from "./use_draft";

type Props = { stored?: Stored; start: Doc; head: ComponentChildren };

export function ApplicationForm({ stored, start, head }: Props) {
    const [again] = useState(() => takeDraft(session.value?.name ?? "", location.pathname));
    const drafting = useDraft(again?.stored ?? stored, again?.base ?? start, again?.draft);
    const { draft, issues, changed, failure } = drafting;
    const { path, query, route } = useLocation();
    const asJson = query.view === "json";
    const [kept, setKept] = useState<Kept>();
    const [looked, setLooked] = useState<string>();
    const [theirs, setTheirs] = useState<Stored>();
    const [meanwhile, setMeanwhile] = useState(false);
    const [busy, setBusy] = useState(false);
    const [said, setSaid] = useState("");
    const guard = useLeaveGuard(changed.length > 0 || kept !== undefined);
    const { clone_from } = query;
    const addressOf = (view: "form" | "json") => path + (view === "json" || clone_from ? `?${new URLSearchParams({ ...(clone_from ? { clone_from } : {}), ...(view === "json" ? { view } : {}) }).toString()}` : "");

    useEffect(
        () =>
            onChange((change) => {
                if (stored && change && change.collection === "apps" && change.id === stored.id && change.etag && change.etag !== drafting.stored?.etag) setMeanwhile(true);
            }),
        [drafting.stored],
    );
    const last = useRef({ stored: drafting.stored, base: drafting.base, draft, dirty: false });
    last.current = { stored: drafting.stored, base: drafting.base, draft, dirty: changed.length > 0 };
    useEffect(() => {
        const user = session.value?.name ?? "";
        const at = location.pathname;
        return () => {
            const { dirty, ...kept } = last.current;
            if (session.value === null && dirty) keepDraft(user, at, kept);
        };
    }, []);
    useEffect(() => {
        // The first that is wrong, once it is shown.
        if (issues.length && failure) requestAnimationFrame(() => goTo(issues[0]!.path));
        else if (failure) scrollTo({ top: 0 });
    }, [failure]);

    const goTo = (where: string) => {
        setLooked(where);
        if (asJson || focusField(where)) return;
        // What the form has no field for is to be found in the JSON.
        route(addressOf("json"));
    };

    const save = async (from?: Stored, written?: Doc) => {
        if (busy || kept !== undefined) return;
        setBusy(true);
        setSaid("");
        const outcome = await drafting.save(from, written);
        setBusy(false);
        if (outcome.kind === "saved") guard.go(`/web/apps/${outcome.id}`);
        else if (outcome.kind === "conflict") setTheirs(outcome.theirs);
        else if (outcome.kind === "nothing") setSaid("There is nothing to save: it is as it was");
    };
    const lookAtTheirs = async () => {
        if (stored) setTheirs(await readStored(stored.id));
    };

    return (
        <FormContext.Provider value={{ draft, base: drafting.base, set: drafting.set, issues, isNew: !stored }}>
            {head}
            <Tabs
                label="Ways to write it"
                tabs={[
                    { href: addressOf("form"), label: "Form", current: !asJson },
                    { href: addressOf("json"), label: "JSON", current: asJson },
                ]}
            />
            <IssueSummary failure={failure} issues={issues} draft={draft} onGo={goTo} />
            {again && changed.length > 0 && <Notice tone="good">What you had written when you were logged out is here again. It is not saved yet.</Notice>}
            {meanwhile && !theirs && (
                <Notice tone="warn" action={<Button look="small" onClick={lookAtTheirs}>See what changed</Button>}>
                    Somebody has changed this application while you write.
                </Notice>
            )}
            {kept !== undefined && !asJson && (
                <Notice tone="warn" action={<Button look="small" onClick={() => setKept(undefined)}>Forget that text</Button>}>
                    The JSON was left half written: the form has what was whole last. <a href={addressOf("json")}>Go on with it</a>
                </Notice>
            )}
            <form
                noValidate
                onSubmit={(event) => {
                    event.preventDefault();
                    void save();
                }}
            >
                {asJson ? <JsonTab draft={draft} issues={issues} shown={looked} kept={kept} onKeep={setKept} onDraft={drafting.replace} /> : <SectionList issues={issues} changed={stored ? changed : []} />}
                <SaveBar isNew={!stored} changed={changed} draft={draft} busy={busy} problem={kept?.problem} said={said} backTo={stored ? `/web/apps/${stored.id}` : "/web/apps"} />
            </form>
            {guard.asked && (
                <Dialog
                    title="Leave without saving?"
                    onClose={guard.stay}
                    actions={
                        <>
                            <Button look="danger" onClick={guard.leave}>
                                Leave
                            </Button>
                            <Button look="quiet" onClick={guard.stay}>
                                Stay here
                            </Button>
                        </>
                    }
                >
                    <p>What you wrote here is not saved, and would be lost.</p>
                </Dialog>
            )}
            {theirs && (
                <ConflictDialog
                    base={drafting.base}
                    mine={draft}
                    theirs={theirs}
                    onClose={() => setTheirs(undefined)}
                    onTake={(merged) => {
                        drafting.rebase(theirs, merged);
                        setTheirs(undefined);
                        setMeanwhile(false);
                    }}
                    onSave={async (merged) => {
                        drafting.rebase(theirs, merged);
                        setTheirs(undefined);
                        setMeanwhile(false);
                        await save(theirs, merged);
                    }}
                />
            )}
        </FormContext.Provider>
    );
}
