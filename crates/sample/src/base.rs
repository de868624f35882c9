//! What everything else refers to: places, people and products.

use crate::catalogue::{CATEGORIES, CHANNELS, PRODUCTS, REGIONS, SEGMENTS, STAGES};
use crate::company::Company;
use crate::row::{Row, Section, row};

/// In an order in which everything is there before it is referred to.
pub fn sections(company: &Company) -> Vec<Section> {
    vec![
        named("region", REGIONS.len(), |_, number, rows| named_row(&REGIONS, number, rows)),
        Section { entity: "channel", columns: &["name", "kind"], things: CHANNELS.len() as u64, write: write_channel },
        named("segment", SEGMENTS.len(), |_, number, rows| named_row(&SEGMENTS, number, rows)),
        named("product_category", CATEGORIES.len(), |_, number, rows| named_row(&CATEGORIES, number, rows)),
        products(),
        stages(),
        Section { entity: "team", columns: &["name", "parent"], things: company.roster.teams.len() as u64, write: write_team },
        employees(company),
    ]
}

fn named(entity: &'static str, things: usize, write: fn(&Company, u64, &mut Vec<Row>)) -> Section {
    Section { entity, columns: &["name"], things: things as u64, write }
}

fn named_row(table: &[(&str, &str)], number: u64, rows: &mut Vec<Row>) {
    let (key, name) = table[number as usize];
    rows.push(row![key, name]);
}

fn write_channel(_: &Company, number: u64, rows: &mut Vec<Row>) {
    let (key, name, kind) = CHANNELS[number as usize];
    rows.push(row![key, name, kind]);
}

fn products() -> Section {
    let columns = &["name", "category", "list_price", "unit_cost", "launched_on"];
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        let product = &PRODUCTS[number as usize];
        let price = product.price * 10_000;
        rows.push(row![
            product.key,
            product.name,
            CATEGORIES[product.category].0,
            price,
            price / 1000 * product.cost,
            product.launched_on(&company.timeline),
        ]);
    };
    Section { entity: "product", columns, things: PRODUCTS.len() as u64, write }
}

fn stages() -> Section {
    let columns = &["name", "position", "default_probability"];
    let write = |_: &Company, number: u64, rows: &mut Vec<Row>| {
        let (key, name, probability) = STAGES[number as usize];
        rows.push(row![key, name, number as i64 + 1, probability * 10]);
    };
    Section { entity: "sales_stage", columns, things: STAGES.len() as u64, write }
}

fn write_team(company: &Company, number: u64, rows: &mut Vec<Row>) {
    let team = &company.roster.teams[number as usize];
    let parent = team.parent.map(|parent| company.roster.teams[parent].key.clone());
    rows.push(row![team.key.as_str(), team.name.as_str(), parent]);
}

fn employees(company: &Company) -> Section {
    let columns = &["name", "email", "role", "team", "manager", "region", "hired_at", "left_at"];
    let write = |company: &Company, number: u64, rows: &mut Vec<Row>| {
        let employee = &company.roster.employees[number as usize];
        rows.push(row![
            employee.key.as_str(),
            employee.name.as_str(),
            format!("{}@halvorine.example", employee.key.to_lowercase()),
            employee.role.name(),
            company.roster.teams[employee.team].key.as_str(),
            employee.manager.map(|manager| company.employee_key(manager)),
            REGIONS[employee.region].0,
            employee.hired_at,
            employee.left_at,
        ]);
    };
    Section { entity: "employee", columns, things: company.roster.employees.len() as u64, write }
}
