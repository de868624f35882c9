//! The company as a stream of batches: parents before children, so many rows at a time, nothing held but the current batch.

use crate::company::Company;
use crate::row::{Row, Section};
use crate::{activity, base, campaign, customer, deal, fact, figure, lead, order, ticket};
use store::{Batch, Column, Entity, entity};

/// Rows in a batch: enough that a statement pays, few enough that memory stays small.
pub const BATCH: usize = 10_000;

impl Company {
    fn sections(&self) -> Vec<Section> {
        let mut sections = base::sections(self);
        sections.extend([
            customer::customers(self),
            customer::segment_members(self),
            customer::contacts(self),
            campaign::campaigns(self),
            lead::leads(self),
            deal::opportunities(self),
            deal::stage_entries(self),
            order::won_orders(self),
            order::plain_orders(self),
            order::won_lines(self),
            order::plain_lines(self),
            ticket::tickets(self),
            activity::activities(self),
            ticket::surveys(self),
            campaign::members(self),
            figure::salaries(self),
            figure::overheads(self),
            figure::campaign_costs(self),
            figure::quotas(self),
            figure::plans(),
            figure::metric_targets(self),
            fact::market(),
            fact::advertising(),
            fact::telephone(),
        ]);
        sections
    }

    /// Everything, in batches that can be loaded one after the other.
    pub fn batches(&self) -> Batches<'_> {
        let things = self.sections().iter().map(|section| section.things).sum();
        Batches { company: self, sections: self.sections().into_iter(), current: None, things, made: 0 }
    }
}

/// A section that is being written out.
struct Writing {
    section: Section,
    next: u64,
    entity: &'static Entity,
    columns: Vec<&'static Column>,
}

pub struct Batches<'a> {
    company: &'a Company,
    sections: std::vec::IntoIter<Section>,
    current: Option<Writing>,
    things: u64,
    made: u64,
}

impl Batches<'_> {
    /// How much of the whole has been made, for a progress bar: things made and things in all.
    pub fn progress(&self) -> (u64, u64) {
        (self.made, self.things)
    }
}

impl Iterator for Batches<'_> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        loop {
            if self.current.is_none() {
                self.current = Some(Writing::new(self.sections.next()?));
            }
            let writing = self.current.as_mut()?;
            let from = writing.next;
            let rows = writing.rows(self.company);
            self.made += writing.next - from;
            let batch = (!rows.is_empty()).then(|| writing.batch(rows));
            if writing.next == writing.section.things {
                self.current = None;
            }
            if batch.is_some() {
                return batch;
            }
        }
    }
}

impl Writing {
    fn new(section: Section) -> Writing {
        // The tests walk through every section, so that neither can be missing.
        let entity = entity(section.entity).expect("every section is of an entity");
        let column = |name: &&str| entity.column(name).expect("every column of a section is one of its entity");
        let columns = section.columns.iter().map(column).collect();
        Writing { section, next: 0, entity, columns }
    }

    /// The next rows, up to a full batch or the end of the section.
    fn rows(&mut self, company: &Company) -> Vec<Row> {
        let mut rows = Vec::with_capacity(BATCH.min((self.section.things - self.next) as usize) + 8);
        while self.next < self.section.things && rows.len() < BATCH {
            (self.section.write)(company, self.next, &mut rows);
            self.next += 1;
        }
        rows
    }

    fn batch(&self, rows: Vec<Row>) -> Batch {
        let (keys, rows) = rows.into_iter().map(|row| (row.key, row.values)).unzip();
        Batch { entity: self.entity, columns: self.columns.clone(), keys, rows }
    }
}
