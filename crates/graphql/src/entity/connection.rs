//! Pages of records: at the root, below a record, ordered by columns or by metrics.
//!
//! A page is read when its records are asked for, and its total is counted when that is asked for; neither costs anything otherwise.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{
    Context, ContextSelectionSet, InputType, InputValueResult, OutputType, Positioned, ServerResult, SimpleObject, Value,
    parser::types::Field,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::entity::Entity;
use store::page::{Cursor, Query};
use store::predicate::Predicate;
use tokio::sync::OnceCell;

use super::order::{Key, Mark};
use super::{Children, Node, Row, condition, order, schema};
use crate::error::Fail;
use crate::figure::{argument, give};
use crate::limit::DEFAULT_PAGE;
use crate::request::Requested;

/// The records that refer to one record by a column.
type Parent = (&'static str, i64);

/// A page of a list, not yet read.
pub struct Connection {
    entity: &'static Entity,
    parent: Option<Parent>,
    filter: Predicate,
    keys: Vec<Key>,
    cut: Cut,
    page: OnceCell<Arc<Page>>,
}

/// Which part of the list.
#[derive(Debug)]
struct Cut {
    limit: i64,
    backwards: bool,
    after: Option<String>,
    before: Option<String>,
}

/// The records of a page, each with its place in an order by metrics. In an order by columns the record says itself where it stands.
struct Page {
    rows: Vec<(Row, Option<Mark>)>,
    more_before: bool,
    more_after: bool,
}

/// Where a page lies in its list.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether records follow the page.
    has_next_page: bool,
    /// Whether records come before the page.
    has_previous_page: bool,
    /// Cursor of the first record, for `before`; null on an empty page.
    start_cursor: Option<String>,
    /// Cursor of the last record, for `after`; null on an empty page.
    end_cursor: Option<String>,
}

/// A cursor also says for which order it was made: under another one it would point anywhere.
#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    order: String,
    at: T,
}

/// An argument as it was given, for what has no Rust type.
pub struct Given(pub Value);

impl Connection {
    /// The list that a field with the arguments of a connection asks for.
    pub async fn of_field(ctx: &Context<'_>, entity: &'static Entity, parent: Option<Parent>) -> Result<Connection, Fail> {
        let requested = Requested::of(ctx);
        let given = |name| argument::<Given>(ctx, name).map(|given| given.0).map_err(|error| Fail::input(error.message));
        let conditions = given("where")?;
        condition::check_size(&conditions)?;
        let filter = condition::predicate(requested, entity, &conditions).await?;
        let keys = order::keys(requested, entity, &given("orderBy")?)?;
        let cut = Cut::of(
            number(&given("first")?),
            number(&given("last")?),
            text(given("after")?),
            text(given("before")?),
            requested.limits.page,
        )?;
        Ok(Connection { entity, parent, filter, keys, cut, page: OnceCell::new() })
    }

    async fn page(&self, requested: &Requested) -> Result<Arc<Page>, Fail> {
        let page = self.page.get_or_try_init(|| async {
            let columns = self.keys.iter().map(|key| match key {
                Key::Column(column, order) => Some((*column, *order)),
                Key::Metric(..) => None,
            });
            match columns.collect::<Option<Vec<_>>>() {
                Some(columns) => self.page_by_columns(requested, columns).await,
                None => self.page_by_metrics(requested).await,
            }
        });
        page.await.cloned()
    }

    async fn page_by_columns(&self, requested: &Requested, columns: Vec<(&'static str, store::page::Order)>) -> Result<Arc<Page>, Fail> {
        let query = Query {
            filter: self.filter.clone(),
            after: self.cut.after.as_deref().map(|cursor| self.open::<Cursor>(cursor)).transpose()?,
            before: self.cut.before.as_deref().map(|cursor| self.open::<Cursor>(cursor)).transpose()?,
            order: columns,
            // One more than asked for tells whether there are more.
            limit: Some(self.cut.limit + 1),
            backwards: self.cut.backwards,
        };
        let rows = match self.parent {
            None => requested.page(self.entity, &query).await?,
            Some((column, parent)) => {
                let children = Children { entity: self.entity, column, query: Arc::new(query) };
                requested.children(children, parent).await?.to_vec()
            }
        };
        Ok(Arc::new(self.cut.page(rows.into_iter().map(|row| (row, None)).collect())))
    }

    /// Every record that meets the filter is valued: an order by metric has no index.
    async fn page_by_metrics(&self, requested: &Requested) -> Result<Arc<Page>, Fail> {
        let ids = self.ids(requested).await?;
        let mut marks = order::marks(requested, self.entity, &ids, &self.keys).await?;
        if let Some(after) = &self.cut.after {
            let after: Mark = self.open(after)?;
            marks.retain(|mark| mark.compare(&after, &self.keys).is_gt());
        }
        if let Some(before) = &self.cut.before {
            let before: Mark = self.open(before)?;
            marks.retain(|mark| mark.compare(&before, &self.keys).is_lt());
        }
        let kept = usize::try_from(self.cut.limit + 1).unwrap_or(usize::MAX).min(marks.len());
        let marks = if self.cut.backwards { marks.split_off(marks.len() - kept) } else { marks[..kept].to_vec() };
        let ids: Vec<i64> = marks.iter().map(|mark| mark.id).collect();
        let rows = requested.rows(self.entity, &ids).await?;
        let found = rows.into_iter().zip(marks).filter_map(|(row, mark)| row.map(|row| (row, Some(mark))));
        Ok(Arc::new(self.cut.page(found.collect())))
    }

    /// All records of the list. Those of a parent are read with those of its siblings.
    async fn ids(&self, requested: &Requested) -> Result<Vec<i64>, Fail> {
        match (self.parent, super::subject_kind(self.entity)) {
            (None, Some(kind)) => requested.matching(kind, &self.filter).await,
            (None, None) => Err(Fail::input(format!("a {} is not measured", self.entity.name))),
            (Some((column, parent)), _) => {
                let query = Query { filter: self.filter.clone(), ..Query::default() };
                let children = Children { entity: self.entity, column, query: Arc::new(query) };
                Ok(requested.children(children, parent).await?.iter().map(|row| row.id).collect())
            }
        }
    }

    async fn total(&self, requested: &Requested) -> Result<i64, Fail> {
        match self.parent {
            None => requested.count(self.entity, &self.filter).await,
            Some((column, parent)) => {
                let query = Query { filter: self.filter.clone(), ..Query::default() };
                requested.child_count(Children { entity: self.entity, column, query: Arc::new(query) }, parent).await
            }
        }
    }

    /// What a cursor of this list says of its order.
    fn order(&self) -> String {
        let keys = self.keys.iter().map(Key::name).collect::<Vec<_>>().join(",");
        format!("{}:{keys}", self.entity.name)
    }

    /// Made for the records that somebody asks it of: most pages are read to their end, or never continued.
    fn cursor(&self, (row, mark): &(Row, Option<Mark>)) -> Result<String, Fail> {
        if let Some(mark) = mark {
            return self.seal(mark);
        }
        let values = self.keys.iter().filter_map(|key| match key {
            Key::Column(column, _) => Some(row.sorted(column)),
            Key::Metric(..) => None,
        });
        self.seal(&Cursor { values: values.collect(), id: row.id })
    }

    fn info(&self, page: &Page) -> Result<PageInfo, Fail> {
        let cursor = |place: Option<&(Row, Option<Mark>)>| place.map(|place| self.cursor(place)).transpose();
        Ok(PageInfo {
            has_next_page: page.more_after,
            has_previous_page: page.more_before,
            start_cursor: cursor(page.rows.first())?,
            end_cursor: cursor(page.rows.last())?,
        })
    }

    fn edges<'a>(&self, page: &'a Page) -> Result<Vec<Edge<'a>>, Fail> {
        page.rows.iter().map(|place| Ok(Edge { row: &place.0, cursor: self.cursor(place)? })).collect()
    }

    fn seal<T: Serialize>(&self, at: &T) -> Result<String, Fail> {
        let sealed = Sealed { order: self.order(), at };
        let json = serde_json::to_vec(&sealed).map_err(|error| Fail::internal("a cursor cannot be written", &error))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    fn open<T: DeserializeOwned>(&self, cursor: &str) -> Result<T, Fail> {
        let unknown = || Fail::input(format!("`{cursor}` is not a cursor that this list has given out"));
        let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| unknown())?;
        let sealed: Sealed<serde_json::Value> = serde_json::from_slice(&json).map_err(|_| unknown())?;
        if sealed.order != self.order() {
            return Err(Fail::input(format!(
                "`{cursor}` is a cursor of another list or another `orderBy`: it holds for `{}`, not `{}`",
                sealed.order,
                self.order()
            )));
        }
        serde_json::from_value(sealed.at).map_err(|_| unknown())
    }
}

impl Cut {
    fn of(first: Option<i64>, last: Option<i64>, after: Option<String>, before: Option<String>, most: i64) -> Result<Cut, Fail> {
        let (limit, backwards, name) = match (first, last) {
            (Some(_), Some(_)) => return Err(Fail::input("`first` and `last` cannot both be given")),
            (None, Some(last)) => (last, true, "last"),
            (first, None) => (first.unwrap_or(DEFAULT_PAGE.min(most)), false, "first"),
        };
        if !(0..=most).contains(&limit) {
            return Err(Fail::input(format!("`{name}` is {limit}; a page has 0 to {most} records")));
        }
        Ok(Cut { limit, backwards, after, before })
    }

    /// The page, from its rows and perhaps one more.
    fn page(&self, mut rows: Vec<(Row, Option<Mark>)>) -> Page {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        if self.backwards {
            rows.drain(..rows.len().saturating_sub(limit));
        } else {
            rows.truncate(limit);
        }
        let (more_before, more_after) = if self.backwards { (more, self.before.is_some()) } else { (self.after.is_some(), more) };
        Page { rows, more_before, more_after }
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

impl ContainerType for Connection {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let requested = Requested::of(ctx);
        let page = async || self.page(requested).await.map_err(|fail| fail.at(ctx));
        match ctx.item.node.name.node.as_str() {
            "totalCount" => Ok(Some(Value::from(self.total(requested).await.map_err(|fail| fail.at(ctx))?))),
            "pageInfo" => give(ctx, &self.info(&*page().await?).map_err(|fail| fail.at(ctx))?).await,
            "nodes" => {
                let page = page().await?;
                give(ctx, &page.rows.iter().map(|(row, _)| Node(row.clone())).collect::<Vec<_>>()).await
            }
            "edges" => {
                let page = page().await?;
                give(ctx, &self.edges(&page).map_err(|fail| fail.at(ctx))?).await
            }
            _ => Ok(None),
        }
    }
}

impl OutputType for Connection {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Connection")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(schema::connection_type(self.entity))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        schema::register(registry);
        Self::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

/// A record with its place in the list.
struct Edge<'a> {
    row: &'a Row,
    cursor: String,
}

impl ContainerType for Edge<'_> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match ctx.item.node.name.node.as_str() {
            "node" => give(ctx, &Node(self.row.clone())).await,
            "cursor" => Ok(Some(Value::from(self.cursor.as_str()))),
            _ => Ok(None),
        }
    }
}

impl OutputType for Edge<'_> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Edge")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(format!("{}Edge", schema::type_name(self.row.entity)))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        schema::register(registry);
        Self::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl InputType for Given {
    type RawValueType = Value;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Given")
    }

    fn create_type_info(_registry: &mut Registry) -> String {
        Self::qualified_type_name()
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        Ok(Given(value.unwrap_or_default()))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }

    fn as_raw_value(&self) -> Option<&Value> {
        Some(&self.0)
    }
}
