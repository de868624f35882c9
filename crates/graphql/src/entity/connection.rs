//! Pages of records as GraphQL objects, all pages of one list at once.
//!
//! Pages are read when their records are asked for, and totals are counted when they are asked for; neither costs anything otherwise.

use std::borrow::Cow;

use async_graphql::registry::Registry;
use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, QueryPathNode, QueryPathSegment, ServerResult, Value, parser::types::Field,
};
use futures_util::future::join_all;
use store::entity::Entity;

use super::fields::{self, Asked};
use super::listing::{Listing, Page};
use super::object::{Record, objects};
use super::{path, schema};
use crate::error::Fail;
use crate::request::Requested;

/// The pages of a listing below some parents, each at its path, as objects.
pub async fn connections(
    ctx: ContextSelectionSet<'_>,
    listing: &Listing,
    parents: &[Option<i64>],
    paths: &[QueryPathNode<'_>],
) -> Vec<Value> {
    let asked = fields::of(&ctx, &schema::connection_type(listing.entity()));
    let requested = ctx.data_unchecked::<Requested>();
    let shows = |names: &[&str]| asked.iter().any(|field| names.contains(&field.name()));
    let pages = async {
        match shows(&["nodes", "edges", "pageInfo"]) {
            true => listing.pages(requested, parents).await,
            false => Vec::new(),
        }
    };
    let totals = async {
        match shows(&["totalCount"]) {
            true => listing.totals(requested, parents).await,
            false => Ok(Vec::new()),
        }
    };
    let (pages, totals) = tokio::join!(pages, totals);
    let below = Below { ctx: &ctx, listing, pages: &pages, paths };
    let columns = asked.iter().map(async |field| match field.name() {
        "totalCount" => below.totals(field, &totals),
        "pageInfo" => below.infos(field),
        "nodes" => below.nodes(field).await,
        "edges" => below.edges(field).await,
        _ => vec![Some(Value::String(schema::connection_type(listing.entity()))); paths.len()],
    });
    fields::objects(&asked, join_all(columns).await, paths.len())
}

/// The pages of one listing at their paths.
struct Below<'a> {
    ctx: &'a ContextSelectionSet<'a>,
    listing: &'a Listing,
    pages: &'a [Result<Page, Fail>],
    paths: &'a [QueryPathNode<'a>],
}

impl Below<'_> {
    /// What a field gives for each page that was read.
    fn each(&self, field: &Asked<'_>, mut of: impl FnMut(&Page, &QueryPathNode<'_>) -> Option<Value>) -> Vec<Option<Value>> {
        let places = self.pages.iter().zip(self.paths);
        let one = |(page, path): (&Result<Page, Fail>, &QueryPathNode<'_>)| match page {
            Ok(page) => of(page, path),
            Err(fail) => field.fails(self.ctx, path, fail.clone()),
        };
        places.map(one).collect()
    }

    fn totals(&self, field: &Asked<'_>, totals: &Result<Vec<i64>, Fail>) -> Vec<Option<Value>> {
        match totals {
            Ok(totals) => totals.iter().map(|total| Some(Value::from(*total))).collect(),
            Err(fail) => self.paths.iter().map(|path| field.fails(self.ctx, path, fail.clone())).collect(),
        }
    }

    fn infos(&self, field: &Asked<'_>) -> Vec<Option<Value>> {
        let ctx = field.set(self.ctx);
        let asked = fields::of(&ctx, "PageInfo");
        self.each(field, |page, path| {
            let at = field.below(path);
            let column = |asked: &Asked<'_>| match self.info(page, asked.name()) {
                Ok(value) => vec![Some(value)],
                Err(fail) => vec![asked.fails(&ctx, &at, fail)],
            };
            fields::objects(&asked, asked.iter().map(column).collect(), 1).pop()
        })
    }

    fn info(&self, page: &Page, name: &str) -> Result<Value, Fail> {
        let cursor = |at: Option<usize>| Ok(at.map(|at| self.listing.cursor(page, at)).transpose()?.map_or(Value::Null, Value::String));
        match name {
            "hasNextPage" => Ok(Value::Boolean(page.more_after)),
            "hasPreviousPage" => Ok(Value::Boolean(page.more_before)),
            "startCursor" => cursor((page.length > 0).then_some(0)),
            "endCursor" => cursor(page.length.checked_sub(1)),
            _ => Ok(Value::String("PageInfo".to_owned())),
        }
    }

    async fn nodes(&self, field: &Asked<'_>) -> Vec<Option<Value>> {
        let lists: Vec<QueryPathNode<'_>> = self.paths.iter().map(|path| field.below(path)).collect();
        let records = self.records(&lists);
        let mut objects = objects(field.set(self.ctx), &records).await.into_iter();
        self.each(field, |page, _| Some(Value::List(objects.by_ref().take(page.length).collect())))
    }

    /// The records of all pages, at their places in the lists.
    fn records<'p>(&'p self, lists: &'p [QueryPathNode<'p>]) -> Vec<Record<'p>> {
        let pages = self.pages.iter().zip(lists).filter_map(|(page, list)| Some((page.as_ref().ok()?, list)));
        let of = |(page, list): (&'p Page, &'p QueryPathNode<'p>)| {
            let at = move |index| QueryPathNode { parent: Some(list), segment: QueryPathSegment::Index(index) };
            page.rows().iter().enumerate().map(move |(index, row)| Record { row, path: at(index) })
        };
        pages.flat_map(of).collect()
    }

    async fn edges(&self, field: &Asked<'_>) -> Vec<Option<Value>> {
        let lists: Vec<QueryPathNode<'_>> = self.paths.iter().map(|path| field.below(path)).collect();
        let edges = self.records(&lists);
        let ctx = field.set(self.ctx);
        let name = format!("{}Edge", schema::type_name(self.listing.entity()));
        let asked = fields::of(&ctx, &name);
        let columns = asked.iter().map(async |asked| match asked.name() {
            "node" => {
                let nodes: Vec<Record<'_>> = edges.iter().map(|edge| Record { row: edge.row, path: asked.below(&edge.path) }).collect();
                objects(asked.set(&ctx), &nodes).await.into_iter().map(Some).collect()
            }
            "cursor" => self.cursors(&ctx, asked, &edges),
            _ => vec![Some(Value::String(name.clone())); edges.len()],
        });
        let mut objects = fields::objects(&asked, join_all(columns).await, edges.len()).into_iter();
        self.each(field, |page, _| Some(Value::List(objects.by_ref().take(page.length).collect())))
    }

    fn cursors(&self, ctx: &ContextSelectionSet<'_>, asked: &Asked<'_>, edges: &[Record<'_>]) -> Vec<Option<Value>> {
        let pages = self.pages.iter().flatten();
        let cursors = pages.flat_map(|page| (0..page.length).map(|at| self.listing.cursor(page, at)));
        let noted = |(cursor, edge): (Result<String, Fail>, &Record<'_>)| match cursor {
            Ok(cursor) => Some(Value::String(cursor)),
            Err(fail) => asked.fails(ctx, &edge.path, fail),
        };
        cursors.zip(edges).map(noted).collect()
    }
}

/// A list at the root.
pub struct Connection(Listing);

impl Connection {
    /// The list of all records of an entity that a field asks for.
    pub async fn of_field(ctx: &Context<'_>, entity: &'static Entity) -> Result<Connection, Fail> {
        Listing::of_field(ctx, entity, None).await.map(Connection)
    }
}

impl OutputType for Connection {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Connection")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(schema::connection_type(self.0.entity()))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        schema::register(registry);
        Self::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        Ok(connections(ctx.clone(), &self.0, &[None], &[path(ctx, field)]).await.swap_remove(0))
    }
}
