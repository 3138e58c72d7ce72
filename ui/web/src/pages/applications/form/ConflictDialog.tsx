/** Somebody else saved first: what of theirs meets mine, to choose from one by one or all at once. */
import { useMemo, useState } from "preact/hooks";

import { Button } from "~/parts/Button";
import { DiffView } from "~/parts/code/DiffView";
import { Dialog } from "~/parts/Dialog";
import { Notice } from "~/parts/Notice";

import { type Doc } from "./document";
import { labelOf } from "./labels";
import { type Conflict, mergeDrafts, takeTheirs } from "./merge";
import { readable } from "./readable";
import type { Stored } from "./use_draft";

type Props = {
    base: Doc;
    mine: Doc;
    theirs: Stored;
    onClose: () => void;
    /** The choices, to go on writing with. */
    onTake: (merged: Doc) => void;
    onSave: (merged: Doc) => Promise<void>;
};

export function ConflictDialog({ base, mine, theirs, onClose, onTake, onSave }: Props) {
    const { conflicts, taken, merged } = useMemo(() => mergeDrafts(base, mine, theirs.draft), [base, mine, theirs]);
    const [given, setGiven] = useState<Set<string>>(new Set());
    const chosen = () => takeTheirs(merged, conflicts, given);
    const choose = (path: string, side: "mine" | "theirs") => {
        const now = new Set(given);
        if (side === "theirs") now.add(path);
        else now.delete(path);
        setGiven(now);
    };
    return (
        <Dialog
            title="Changed meanwhile"
            wide
            onClose={onClose}
            actions={
                <>
                    <Button look="primary" onClick={() => onSave(chosen())}>
                        {conflicts.length ? "Save what is chosen" : "Save mine too"}
                    </Button>
                    <Button onClick={() => onTake(chosen())}>Put it into the form</Button>
                    <Button look="quiet" onClick={onClose}>
                        Not now
                    </Button>
                </>
            }
        >
            <p>This application was saved by somebody else since you began.</p>
            {taken.length > 0 && <Notice tone="good">Taken over, since you did not touch it: {taken.map((path) => labelOf(path, theirs.draft)).join(", ")}</Notice>}
            {conflicts.length === 0 && <p>Nothing of it is what you changed: both can stand.</p>}
            {conflicts.length > 1 && (
                <div class="buttons">
                    <Button look="small" onClick={() => setGiven(new Set())}>
                        Keep all mine
                    </Button>
                    <Button look="small" onClick={() => setGiven(new Set(conflicts.map(({ path }) => path)))}>
                        Take all theirs
                    </Button>
                </div>
            )}
            {conflicts.map((conflict) => (
                <OneConflict key={conflict.path} conflict={conflict} label={labelOf(conflict.path, mine)} side={given.has(conflict.path) ? "theirs" : "mine"} onChoose={(side) => choose(conflict.path, side)} />
            ))}
        </Dialog>
    );
}

function OneConflict({ conflict, label, side, onChoose }: { conflict: Conflict; label: string; side: "mine" | "theirs"; onChoose: (side: "mine" | "theirs") => void }) {
    const choices = [
        { value: "theirs", text: "Take theirs" },
        { value: "mine", text: "Keep mine" },
    ] as const;
    return (
        <fieldset class="group conflict">
            <legend>{label}</legend>
            <div class="conflict-sides">
                {choices.map(({ value, text }) => (
                    <label class="check" key={value}>
                        <input type="radio" name={`side-${conflict.path}`} checked={side === value} onChange={() => onChoose(value)} />
                        {text}
                        {conflict[value] === undefined && <span class="dim"> (nothing)</span>}
                    </label>
                ))}
            </div>
            <DiffView label={`${label}: theirs and mine`} before={readable(conflict.theirs)} after={readable(conflict.mine)} />
        </fieldset>
    );
}
