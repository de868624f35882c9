//! The rows of every entity, by department.

pub mod campaign;
pub mod figure;
pub mod people;
pub mod sale;
pub mod service;

pub use campaign::{Campaign, CampaignMember, Cost, Lead};
pub use figure::{PeriodFact, Target};
pub use people::{Channel, Contact, Customer, Employee, Region, Segment, SegmentMember, Team};
pub use sale::{Opportunity, Order, OrderLine, Product, ProductCategory, SalesStage, StageEntry};
pub use service::{Activity, SurveyResponse, Ticket};

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
