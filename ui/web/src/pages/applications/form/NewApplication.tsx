import { useLocation } from "preact-iso";

import { may, type Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Failure, Loading, Notice } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";

import { ApplicationForm } from "./ApplicationForm";
import { cloneDraft, type Doc, newDraft } from "./document";

export default function NewApplication() {
    const { query } = useLocation();
    const from = query.clone_from;
    const model = useQuery<Schemas["App"]>(from ? `/apps/${encodeURIComponent(from)}` : null);
    const head = (
        <PageHead
            title={model.data ? `New application like ${model.data.name}` : "New application"}
            crumbs={<a href="/web/apps">Applications</a>}
        >
            {model.data && "Give it a name, environment or role of its own. The Auto Scaling group was left out: one belongs to one application."}
        </PageHead>
    );
    if (!may("operator"))
        return (
            <>
                {head}
                <Notice>An application is made by an operator or an administrator; this account only looks.</Notice>
            </>
        );
    if (from && !model.data)
        return (
            <>
                {head}
                {model.loading ? <Loading what="the application" /> : <Failure error={model.error} retry={model.reload} />}
            </>
        );
    return <ApplicationForm key={from ?? ""} start={model.data ? cloneDraft(model.data as unknown as Doc) : newDraft()} head={head} />;
}
