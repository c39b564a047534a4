//! What of the policy a container, as it is, does not keep.

use aide::transform::TransformOperation;
use app::api::spec::{ContainerPolicy, PolicyFinding, ReviewedFinding};
use axum::{Json, extract::Path};

use super::{On, act::judging};
use crate::{
    api::{
        auth::Auth,
        extract::{Id, Query},
    },
    auth::permission::container::Read,
    fleet::policy::{Reviewed, Road},
    http::problem::Problem,
};

pub fn docs(o: TransformOperation) -> TransformOperation {
    o.id("containers.policy").summary("What of the policy a container does not keep").description(
        "As it is now, under today's rules. What no exception lets pass may run on, be stopped and removed; it is not entered or changed.",
    )
}

pub async fn read(auth: Auth<Read>, Path(Id { id }): Path<Id>, Query(on): Query<On>) -> Result<Json<ContainerPolicy>, Problem> {
    let (permitted, subject) = auth.subject(&on.key(id)).await?;
    let engine = auth.app.fleet().engine(&subject.host.id).ok_or_else(|| Problem::not_found("container"))?;
    let (rules, about) = judging(&auth.app, &permitted, &subject, Road::Other);
    let reviewed = engine.review(&permitted, &subject.entry.id, rules, &about.owner).await?;
    let told = |Reviewed { finding, excepted, exceptable }: Reviewed| ReviewedFinding {
        finding: PolicyFinding { field: finding.field, code: finding.code.to_owned(), value: finding.value },
        excepted,
        exceptable,
    };
    Ok(Json(ContainerPolicy { findings: reviewed.into_iter().map(told).collect() }))
}
