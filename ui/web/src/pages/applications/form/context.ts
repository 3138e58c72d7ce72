/** What every field of the form needs, without being handed through all that is between. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Doc, Json } from "./document";
import type { IssueAt } from "./issues";

export type FormState = {
    draft: Doc;
    /** As it was read. */
    base: Doc;
    set: (path: string, value: Json | undefined) => void;
    issues: IssueAt[];
    isNew: boolean;
};

export const FormContext = createContext<FormState | null>(null);

export function useForm(): FormState {
    return useContext(FormContext)!;
}
