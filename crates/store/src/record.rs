//! The entities, by department.

mod campaign;
mod figure;
mod people;
mod sale;
mod service;

use crate::entity::Entity;

pub(crate) static ENTITIES: &[&Entity] = &[
    &people::REGION,
    &people::CHANNEL,
    &people::TEAM,
    &people::EMPLOYEE,
    &sale::PRODUCT_CATEGORY,
    &sale::PRODUCT,
    &people::SEGMENT,
    &people::CUSTOMER,
    &people::SEGMENT_MEMBER,
    &people::CONTACT,
    &campaign::CAMPAIGN,
    &campaign::LEAD,
    &sale::SALES_STAGE,
    &sale::OPPORTUNITY,
    &sale::STAGE_ENTRY,
    &sale::ORDER,
    &sale::ORDER_LINE,
    &service::TICKET,
    &service::ACTIVITY,
    &service::SURVEY_RESPONSE,
    &campaign::CAMPAIGN_MEMBER,
    &campaign::COST,
    &figure::TARGET,
    &figure::PERIOD_FACT,
];
