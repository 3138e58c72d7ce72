import { useLocation, useRoute } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { api, ApiError, may, type Schemas } from "~/api/client";
import { Button } from "~/parts/Button";
import { Icon } from "~/parts/Icon";
import { Failure, Loading, Notice } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";

import { DeleteApplication } from "../DeleteApplication";
import { ApplicationForm } from "./ApplicationForm";
import { readStored, type Stored } from "./use_draft";

/** Read once: what comes after is the form's, which tells when somebody else saves. */
export default function EditApplication() {
    const id = useRoute().params.id!;
    const [stored, setStored] = useState<Stored>();
    const [error, setError] = useState<ApiError>();
    const [deleted, setDeleted] = useState<Schemas["App"]>();
    const { route } = useLocation();
    const load = () => {
        setError(undefined);
        readStored(id).then(setStored, (why: unknown) => setError(why instanceof ApiError ? why : new ApiError(0, String(why))));
    };
    useEffect(() => {
        setStored(undefined);
        load();
    }, [id]);

    const name = stored?.id === id ? String(stored.draft.name) : "application";
    const head = (
        <PageHead
            title={`Change ${name}`}
            crumbs={
                <>
                    <a href="/web/apps">Applications</a> / <a href={`/web/apps/${id}`}>{name}</a>
                </>
            }
            actions={
                stored?.id === id &&
                may("operator") && (
                    <Button look={["quiet", "danger"]} onClick={() => api.get<Schemas["App"]>(`/apps/${id}`).then(setDeleted, (why: ApiError) => setError(why))}>
                        <Icon name="trash" size={16} /> Delete…
                    </Button>
                )
            }
        >
            {stored?.id === id && `${String(stored.draft.env)} · ${String(stored.draft.role)}`}
        </PageHead>
    );
    if (stored?.id === id && may("operator"))
        return (
            <>
                <ApplicationForm
                    key={id}
                    stored={stored}
                    start={stored.draft}
                    head={
                        <>
                            {head}
                            <Failure error={error} />
                        </>
                    }
                />
                {deleted && <DeleteApplication app={deleted} onClose={() => setDeleted(undefined)} onDeleted={() => route("/web/apps")} />}
            </>
        );
    return (
        <>
            {head}
            {!may("operator") ? (
                <Notice>
                    An application is changed by an operator or an administrator; this account only looks. <a href={`/web/apps/${id}`}>See it</a>
                </Notice>
            ) : error ? (
                <Failure error={error} retry={load} />
            ) : (
                <Loading what="the application" />
            )}
        </>
    );
}
